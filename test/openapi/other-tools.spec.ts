import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OpenApiContract, type OpenApi } from '../support/openapi-contract.js';
import { createSession, newId } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';
import { checkBy, TOUR } from '../support/tour.js';
import { examplesOf, type Described } from './examples.js';
import { expectAgreement, isCarried, startPrism, type Prism } from './prism.js';
import { CONVERSATION, DESCRIPTION, redocly, ROOT } from './redocly.js';

let service: TestService;
let description: OpenApi & Described;
beforeAll(async () => {
  service = await startService();
  description = JSON.parse(await readFile(join(ROOT, DESCRIPTION), 'utf8')) as OpenApi & Described;
});
afterAll(() => service.close());

describe('the examples of the description', () => {
  it('can be sent as they are, in the order shown', async () => {
    const statuses: string[] = [];
    for (const { operationId, ...request } of examplesOf(description)) {
      const { status } = await service.client.send(request);
      statuses.push(`${operationId} ${status}`);
    }

    expect(statuses).toEqual([
      'createSession 201',
      'patchSession 200',
      'appendEvent 201',
      'appendBatch 201',
      'completeSession 200',
      'listSessions 200',
      'readSession 200',
      'listEvents 200',
      'followSession 200',
      'readEvent 200',
      'exportSession 200',
      'live 200',
      'ready 200',
      'readMetrics 200',
      'home 200',
      'deleteSession 204',
    ]);
  });

  it('leave out what is optional, except for defaults', () => {
    const filledIn = examplesOf(description).flatMap(({ path, headers = {} }) => [
      ...Object.keys(headers),
      ...new URL(path, 'http://x').searchParams.keys(),
    ]);

    expect([...new Set(filledIn)].sort()).toEqual(['Content-Type', 'limit', 'order']);
  });
});

describe('Redocly', () => {
  it('reports nothing about the descriptions, not even warnings', async () => {
    const said = await redocly('lint', DESCRIPTION, CONVERSATION);

    expect(said.match(/\.(json|yaml): validated in/g)).toHaveLength(2);
  });

  it('runs a whole conversation with the service, as Arazzo describes it', async () => {
    const server = `conversations=${service.client.origin}`;
    const said = await redocly(
      'respect',
      CONVERSATION,
      '--server',
      server,
      '--input',
      `sessionId=${newId()}`,
    );

    expect(said).toMatch(/Steps: (\d+) passed, \1 total/);
  });
});

describe('Prism, as a proxy between client and service', () => {
  let prism: Prism;
  let contract: OpenApiContract;
  beforeAll(async () => {
    prism = await startPrism(service.client.origin);
    contract = new OpenApiContract(description);
  });
  afterAll(() => {
    prism.stop();
  });

  const check = checkBy(async (request) => {
    if (!isCarried(request)) return service.client.send(request);
    const { answer, violations } = await prism.send(request);
    const { name } = contract.find(request.method, request.path, answer.status);
    contract.seen.add(name);
    expectAgreement(name, answer, violations);
    return answer;
  });

  it('reports a response that does not match the description', async () => {
    const sessionId = await createSession(service.client);
    const path = `/sessions/${sessionId}`;
    await service.connection.collection('sessions').updateOne({ sessionId }, { $set: { metadata: 'text' } });

    const { violations } = await prism.send({ path });
    expect(violations).toMatchObject([{ location: ['response', 'body', 'metadata'], severity: 'Error' }]);
    await service.client.delete(sessionId);
  });

  it.each(Object.entries(TOUR))('accepts every response: %s', async (_name, go) => {
    await go(check, service);
  });

  it('has validated every described status except 500, and 403 where Prism adds a foreign Host', () => {
    const described = Object.values(description.paths).flatMap((item) =>
      Object.entries(item).flatMap(([method, { operationId, responses }]) =>
        Object.keys(responses)
          .filter((status) => status !== '500' && !(method === 'get' && status === '403'))
          .map((status) => `${operationId} ${status}`),
      ),
    );
    expect(described.filter((name) => !contract.seen.has(name))).toEqual([]);
  });
});
