// A minimal client of MongoDB's wire protocol, for a few commands without a driver.
// https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/#op_msg

import { connect } from 'node:net';

const OP_MSG = 2013;
const OK = Buffer.from('ok\0');

/**
 * Runs commands on a server, one after the other, and returns for each whether it succeeded (`ok: 1`).
 *
 * @param commands each with its fields in order, numbers (int32) and strings only.
 * @throws Error if the server is unreachable, is not a MongoDB, or has not replied in time.
 */
export async function runCommands({ host, port }, commands, timeoutMs) {
  const socket = connect({ host, port });
  const timer = setTimeout(() => socket.destroy(new Error('no answer')), timeoutMs);
  try {
    const succeeded = [];
    const messages = readMessages(socket);
    for (const command of commands) {
      socket.write(encodeMessage(command));
      const { value: reply, done } = await messages.next();
      if (done) throw new Error('no answer');
      succeeded.push(isOk(reply));
    }
    return succeeded;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

async function* readMessages(socket) {
  let buffer = Buffer.alloc(0);
  for await (const chunk of socket) {
    buffer = Buffer.concat([buffer, chunk]);
    while (buffer.length >= 16 && buffer.length >= buffer.readInt32LE(0)) {
      const length = buffer.readInt32LE(0);
      if (length < 16 || buffer.readInt32LE(12) !== OP_MSG) throw new Error('not a MongoDB');
      yield buffer.subarray(16, length);
      buffer = buffer.subarray(length);
    }
  }
}

function encodeMessage(command) {
  const document = encodeDocument(command);
  const header = Buffer.alloc(21); // the header proper, flags, and one section of kind 0
  header.writeInt32LE(header.length + document.length, 0);
  header.writeInt32LE(1, 4);
  header.writeInt32LE(OP_MSG, 12);
  return Buffer.concat([header, document]);
}

function encodeDocument(fields) {
  const elements = Object.entries(fields).map(([name, value]) => {
    const isText = typeof value === 'string';
    const text = Buffer.from(isText ? `${value}\0` : '');
    const number = Buffer.alloc(4);
    number.writeInt32LE(isText ? text.length : value);
    return Buffer.concat([Buffer.from([isText ? 0x02 : 0x10]), Buffer.from(`${name}\0`), number, text]);
  });
  const content = Buffer.concat([...elements, Buffer.from([0])]);
  const length = Buffer.alloc(4);
  length.writeInt32LE(content.length + 4);
  return Buffer.concat([length, content]);
}

/** Whether a reply has `ok: 1`, which servers send as a double or an integer. */
function isOk(reply) {
  const at = reply.indexOf(OK) - 1;
  if (at < 0) return false;
  const value = at + 4;
  if (reply[at] === 0x01) return reply.readDoubleLE(value) === 1;
  return (reply[at] === 0x10 || reply[at] === 0x12) && reply.readInt32LE(value) === 1;
}
