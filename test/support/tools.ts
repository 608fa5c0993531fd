import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { describe } from '@jest/globals';

const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];

/** The path of a program, if it is installed. */
export function findTool(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find(existsSync);
}

/**
 * Tests that need a program, which they are given the path of; skipped where it is not installed.
 *
 * @param source where it can be had.
 */
export function describeWith(name: string, source: string, tests: (tool: string) => void): void {
  const tool = findTool(name);
  const remark = tool === undefined ? `, which is not installed here; ${source} has it` : '';
  (tool === undefined ? describe.skip : describe)(`with ${name}${remark}`, () => {
    tests(tool ?? name);
  });
}

/** What a program writes; it throws that where the program fails. */
export async function output(tool: string, ...parameters: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(tool, parameters).catch((error: unknown) => {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${[tool, ...parameters].join(' ')}:\n${stdout}${stderr}`, { cause: error });
  });
  return stdout + stderr;
}
