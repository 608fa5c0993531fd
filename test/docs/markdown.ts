import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A fenced block of a page. */
export interface Fence {
  readonly language: string;
  readonly text: string;
  /** The number of its first line of text, starting at 1. */
  readonly line: number;
}

/** Commands of a page that can be pasted into a shell. */
export interface CommandBlock {
  /** `page:line`, which editors and terminals can open. */
  readonly at: string;
  readonly commands: string;
  /** The answer that the page shows: the block that follows directly. */
  readonly answer: Fence | undefined;
}

const OTHERS_PAGES = /^(node_modules|dist|data|coverage|reports|\..+)$/;

/** All Markdown files of the project, by their paths from its root. */
export function pages(directory = ''): string[] {
  return readdirSync(join(ROOT, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return OTHERS_PAGES.test(entry.name) ? [] : pages(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

export function readPage(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The blocks of a page that a reader would paste into a shell, in order. */
export function commandBlocks(path: string): CommandBlock[] {
  const lines = readPage(path).split('\n');
  const fences = fencesOf(lines);
  return fences.flatMap((fence, index) => {
    if (!isShell(fence)) return [];
    const next = fences[index + 1];
    const endOfFence = fence.line - 1 + fence.text.split('\n').length;
    const between = next ? lines.slice(endOfFence + 1, next.line - 2) : [];
    const isAnswered = next !== undefined && !isShell(next) && between.every((line) => line.trim() === '');
    return [{ at: `${path}:${fence.line}`, commands: fence.text, answer: isAnswered ? next : undefined }];
  });
}

function isShell({ language }: Fence): boolean {
  return ['sh', 'bash', 'zsh', 'shell', 'console'].includes(language);
}

function fencesOf(lines: readonly string[]): Fence[] {
  const fences: Fence[] = [];
  let open: { language: string; from: number } | undefined;
  for (const [index, line] of lines.entries()) {
    const [, language] = /^\s*```(\S*)/.exec(line) ?? [];
    if (language === undefined) continue;
    if (open)
      fences.push({
        language: open.language,
        text: lines.slice(open.from, index).join('\n'),
        line: open.from + 1,
      });
    open = open ? undefined : { language, from: index + 1 };
  }
  return fences;
}

/** A page without its fenced blocks: prose, headings, tables and links. */
function proseOf(path: string): string {
  return readPage(path).replace(/^\s*```[^]*?^\s*```$/gm, '');
}

/** The anchors that GitHub gives to the headings of a page. */
export function anchorsOf(path: string): string[] {
  const seen = new Map<string, number>();
  return [...proseOf(path).matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) => {
    const name = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    return times === 0 ? name : `${name}-${times}`;
  });
}

/** The targets of a page's links and images within the project. */
export function localLinks(path: string): string[] {
  return [...proseOf(path).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}
