import { describe, expect, it } from '@jest/globals';
import { completeUri, connectionOptions } from './connection-options.js';

/** The parameters of a completed URI. */
function parametersOf(uri: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(completeUri(uri, 1500).split('?')[1]));
}

describe('completeUri', () => {
  it('requests durable writes, committed reads, and errors in time', () => {
    expect(parametersOf('mongodb://localhost/db')).toEqual({
      w: 'majority',
      journal: 'true',
      readConcernLevel: 'majority',
      serverSelectionTimeoutMS: '1500',
      connectTimeoutMS: '1500',
      socketTimeoutMS: '1500',
      waitQueueTimeoutMS: '1500',
      heartbeatFrequencyMS: '1500',
    });
  });

  it('keeps options that the URI has, in any capitalisation', () => {
    const parameters = parametersOf('mongodb://h/db?W=2&READCONCERNLEVEL=local&socketTimeoutMS=9&appName=x');

    expect(parameters).toMatchObject({
      W: '2',
      READCONCERNLEVEL: 'local',
      socketTimeoutMS: '9',
      appName: 'x',
    });
    expect(parameters).not.toHaveProperty('w');
    expect(parameters).not.toHaveProperty('readConcernLevel');
  });

  it.each([
    ['mongodb://localhost', 'mongodb://localhost/?'],
    ['mongodb://a:1,b:2/db?replicaSet=rs', 'mongodb://a:1,b:2/db?replicaSet=rs&'],
    ['mongodb+srv://u:p%40ss@cluster.example/db', 'mongodb+srv://u:p%40ss@cluster.example/db?'],
    ['mongodb://%2Ftmp%2Fmongo.sock', 'mongodb://%2Ftmp%2Fmongo.sock/?'],
  ])('keeps the rest of %s as it is', (uri, start) => {
    expect(completeUri(uri, 1).startsWith(start)).toBe(true);
  });
});

describe('connectionOptions', () => {
  it.each(['mongodb://h', 'mongodb://%2Ftmp%2Fx.sock'])('names the database if %s does not', (uri) => {
    expect(connectionOptions(uri).dbName).toBe('conversations');
  });

  it.each(['mongodb://h/mine', 'mongodb://a,b/mine?w=1', 'mongodb+srv://u:p@h/mine'])(
    'leaves the database that %s names',
    (uri) => {
      expect(connectionOptions(uri)).not.toHaveProperty('dbName');
    },
  );
});
