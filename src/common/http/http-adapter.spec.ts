import { type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { type Express, type Request, type Response } from 'express';
import { HttpAdapter } from './http-adapter.js';

describe('the adapter', () => {
  it('creates requests and responses with the prototypes of Express, so that it changes none', async () => {
    const adapter = new HttpAdapter();
    adapter.initHttpServer();
    const app = adapter.getInstance<Express>();
    const server = adapter.getHttpServer() as Server;
    const kindsOf = (...made: object[]): unknown[] =>
      made.map((each) => Object.getPrototypeOf(each) as unknown);
    let beforeExpress: unknown[] = [];
    server.prependListener('request', (...made) => (beforeExpress = kindsOf(...made)));
    app.get('/', (req: Request, res: Response) => {
      expect(kindsOf(req, res)).toEqual(beforeExpress);
      res.json({ name: req.get('X-Name') });
    });

    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'X-Name': 'a' } });
    expect(await answer.json()).toEqual({ name: 'a' });
    server.close();

    expect(beforeExpress[0]).toBe(app.request);
    expect(beforeExpress[1]).toBe(app.response);
  });
});
