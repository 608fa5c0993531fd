/**
 * Records a phone call of some two minutes, to have something to look at:
 *
 *   node scripts/record-call.mjs [http://localhost:3000] [speed] [sessionId]
 *
 * At speed 1 (by default 20) it takes as long as the call.
 */
const [base = 'http://localhost:3000', speed = '20', sessionId = `call-${Date.now().toString(36)}`] =
  process.argv.slice(2);

/** Seconds of silence before it, who, what, and what else is known of it. */
const CALL = [
  [0, 'system', 'Call connected', { channel: 'phone', codec: 'opus' }],
  [1, 'bot_speech', 'Good afternoon, this is Northwind Energy. How can I help you today?'],
  [4, 'user_speech', 'Hi, yes. I got my bill this morning and it’s nearly double what it was last month.'],
  [1, 'system', undefined, { intent: 'billing.amount', confidence: 0.93 }],
  [2, 'bot_speech', 'I’m sorry to hear that. Let me have a look. Can you give me your customer number?'],
  [5, 'user_speech', 'Sure, one moment … it’s 4 0 7 7 1 9.', { asr: { confidence: 0.88, engine: 'stream' } }],
  [
    2,
    'system',
    undefined,
    {
      lookup: 'customer',
      found: true,
      customer: { number: '407719', tariff: 'Green 12', since: '2023-04-01', meters: ['E-2201', 'G-0417'] },
      tookMs: 184,
    },
  ],
  [2, 'bot_speech', 'Thank you. Am I speaking with Ms Okafor, at 12 Mill Lane?'],
  [3, 'user_speech', 'That’s right.'],
  [
    3,
    'bot_speech',
    'I have your bill from the 20th here: 214.60. Last month was 118.20.\n\nThe difference is a meter reading. In the two months before, your usage was estimated, and the estimates were too low.',
  ],
  [8, 'user_speech', 'Estimated? I sent you the readings. I did it on the app. Both times.'],
  [1, 'system', undefined, { sentiment: 'annoyed', score: -0.61 }],
  [3, 'bot_speech', 'I see. Let me check whether they have reached us.'],
  [4, 'system', undefined, { lookup: 'readings', found: 2, state: 'rejected', reason: 'photo unreadable' }],
  [
    2,
    'bot_speech',
    'You are right, there are two readings from you, on the 3rd of each month. Our system could not read the photos, and did not tell you. That should not have happened.',
  ],
  [7, 'user_speech', 'No, it really shouldn’t.'],
  [
    2,
    'bot_speech',
    'I can do two things for you right now: correct both months, and spread what remains over six bills.',
  ],
  [6, 'user_speech', 'What would that come to?', { asr: { confidence: 0.97, engine: 'stream' } }],
  [2, 'bot_speech', 'About 16 a month on top, from December until May.'],
  [4, 'user_speech', 'Okay. Fine. That I can live with.'],
  [1, 'system', undefined, { action: 'instalments.offer', accepted: true, months: 6 }],
  [2, 'bot_speech', 'Done. You will have a corrected bill by e-mail within the hour.'],
  [4, 'user_speech', 'And the photos? Will they be rejected again next time?'],
  [
    3,
    'bot_speech',
    'I have made a note for the team. Until it is fixed, you can type the numbers in instead: in the app, under “Meter”, then “Enter by hand”.',
  ],
  [6, 'user_speech', 'Alright. Thank you for sorting this out.'],
  [2, 'bot_speech', 'Thank you for your patience, Ms Okafor. Is there anything else?'],
  [2, 'user_speech', 'No, that’s all. Bye!'],
  [1, 'bot_speech', 'Goodbye.'],
  [1, 'system', 'Caller hung up', { cause: 'normal clearing', code: 16 }],
];

async function post(path, body) {
  const response = await fetch(base + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}

const path = `/sessions/${encodeURIComponent(sessionId)}`;
await post('/sessions', {
  sessionId,
  language: 'en-GB',
  metadata: { caller: '+44 20 7946 0321', queue: 'billing', agent: { name: 'aurora', version: '4.2.1' } },
});
for (const [index, [pause, type, text, rest = {}]] of CALL.entries()) {
  await new Promise((resolve) => setTimeout(resolve, (pause * 1000) / Number(speed)));
  const payload = text === undefined ? rest : { text, ...rest };
  await post(`${path}/events`, { eventId: `evt-${String(index + 1).padStart(4, '0')}`, type, payload });
}
await post(`${path}/complete`, {});
await new Promise((resolve) => setTimeout(resolve, 1500 / Number(speed)));
await post(`${path}/events`, {
  eventId: 'evt-survey',
  type: 'system',
  payload: { survey: 'after-call', stars: 4 },
});
console.log(`${base}${path}?limit=50`);
