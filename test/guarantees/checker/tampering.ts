import { type Answer, type Exchange, type FinalSession, type History } from '../history.js';
import { type Random } from '../random.js';

/** Turns a correct history into one that breaks a promise; undefined if this history offers no opportunity. */
export type Fault = (history: History, random: Random) => History | undefined;

export function answerOf(exchange: Exchange): Answer {
  if (!exchange.answer) throw new Error('the answer was lost');
  return exchange.answer;
}

export function replaceAnswer(history: History, target: Exchange, answer: Answer): History {
  const exchanges = history.exchanges.map((exchange) =>
    exchange.index === target.index ? ({ ...exchange, answer } as Exchange) : exchange,
  );
  return { ...history, exchanges };
}

/** Changes one of the responses that `where` selects. */
export function withAnswer(
  history: History,
  random: Random,
  where: (exchange: Exchange) => boolean,
  change: (answer: Answer, exchange: Exchange) => Answer,
): History | undefined {
  const targets = history.exchanges.filter((exchange) => exchange.answer && where(exchange));
  if (targets.length === 0) return undefined;
  const target = random.pick(targets);
  return replaceAnswer(history, target, change(answerOf(target), target));
}

export function withFinals(history: History, change: (final: FinalSession) => FinalSession): History {
  return { ...history, final: history.final.map(change) };
}
