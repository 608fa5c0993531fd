import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/load-config.js';
import { FINISH_MS } from '../../src/operations/shutdown.js';
import { ROOT } from '../docs/markdown.js';
import { describeWith, output } from '../support/tools.js';

const textOf = (file: string) => readFileSync(join(ROOT, file), 'utf8');

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'css-deploy-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Settings as each file writes them, and the seconds after which it has the process killed. */
const FILES = [
  ['deploy/kubernetes/kustomization.yaml', /^ +- ([A-Z_]+)=(.*)$/gm],
  ['deploy/conversations.service', /(?<=^Environment=.*)\b([A-Z_]+)=(\S+)/gm],
  ['compose.yaml', /^ {6}([A-Z_]+): ([^#\n]+?)(?: #.*)?$/gm],
  ['Dockerfile', /(?<=^ENV .*)\b([A-Z_]+)=(\S+)/gm],
] as const;

/** What is read by Node and its libraries, not by the service. */
const OF_NODE = new Set(['NODE_ENV', 'NODE_OPTIONS']);

it.each(FILES)('%s has only settings that exist, with values that can be used', (file, pattern) => {
  const known = parseEnv(textOf('.env.example').replaceAll(/^#(?=[A-Z_]+=)/gm, ''));
  const settings = [...textOf(file).matchAll(pattern)].map(([, name = '', value = '']) => [name, value]);
  const ours = settings.filter(([name = '']) => !OF_NODE.has(name));

  expect(ours.length).toBeGreaterThan(0);
  expect(ours.filter(([name = '']) => !(name in known))).toEqual([]);
  loadConfig(Object.fromEntries(ours) as Record<string, string>);
});

it.each([
  ['compose.yaml', /stop_grace_period: (\d+)s/, 'compose.yaml'],
  ['deploy/conversations.service', /^TimeoutStopSec=(\d+)$/m, 'deploy/conversations.service'],
  [
    'deploy/kubernetes/deployment.yaml',
    /terminationGracePeriodSeconds: (\d+)/,
    'deploy/kubernetes/kustomization.yaml',
  ],
])('%s gives the service the time that it takes to stop', (file, pattern, settings) => {
  const [, seconds] = pattern.exec(textOf(file)) ?? [];
  const [, delayMs = 0] = /SHUTDOWN_DELAY_MS(?:=|: )(\d+)/.exec(textOf(settings)) ?? [];

  expect(Number(seconds)).toBeGreaterThan((Number(delayMs) + FINISH_MS) / 1000);
});

describeWith('promtool', 'the package prometheus of Debian', (promtool) => {
  it('alerts.yaml alerts where it should, and only there', async () => {
    const said = await output(promtool, 'test', 'rules', join(ROOT, 'deploy/alerts.test.yaml'));
    expect(said).toContain('SUCCESS');
    const named = (file: string, name: RegExp) => [...textOf(file).matchAll(name)].map(([, rule]) => rule);
    const rules = named('deploy/alerts.yaml', /alert: (\w+)/g);
    const tested = named('deploy/alerts.test.yaml', /alertname: (\w+)\b/g);
    expect(tested.sort()).toEqual([...rules, ...rules].sort());
  });
});

describeWith('systemd-analyze', 'systemd', (analyze) => {
  it('the unit is one that systemd takes, and confines the service', async () => {
    const unit = join(directory, 'conversations.service');
    writeFileSync(unit, textOf('deploy/conversations.service').replace('/usr/bin/node', process.execPath));
    await output(analyze, 'verify', unit);
    expect(await output(analyze, 'security', '--offline=yes', unit)).toMatch(
      /exposure level .*: [01]\.\d OK/,
    );
  });
});

describeWith('kubectl', 'kubernetes.io', (kubectl) => {
  it('kustomize puts the manifests together', async () => {
    const text = await output(kubectl, 'kustomize', join(ROOT, 'deploy/kubernetes'));
    const kinds = [...text.matchAll(/^kind: (\w+)$/gm)].map(([, kind]) => kind);
    expect(kinds.sort().join()).toBe(
      'ConfigMap,Deployment,HorizontalPodAutoscaler,Ingress,PodDisruptionBudget,Service',
    );
    expect(text).toMatch(/image: registry\.example\.com\/conversation-session-service:\d/);
    expect(text).toMatch(/configMapRef:\s+name: conversations-\w+\s/);
  });
});

describeWith('kubernetes-validate', 'PyPI', (validate) => {
  it('the manifests have the schemas of Kubernetes', async () => {
    const files = ['deployment', 'network', 'scaling'].map(
      (name) => `${ROOT}/deploy/kubernetes/${name}.yaml`,
    );
    const said = await output(validate, '--strict', ...files);
    expect(said.match(/ passed for resource /g)).toHaveLength(5);
  });
});
