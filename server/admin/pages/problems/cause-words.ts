import type { Cause, ProblemView } from '../../data/problems.ts';
import type { Words } from '../../i18n/words.tsx';
import { reasonInWords } from '../miners/miner-state.ts';

const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

type Detail = ProblemView['detail'];

/** What the server measured, in words; "" when it says nothing beyond the cause itself. */
const IN_WORDS: Record<Cause, (detail: Detail, words: Pick<Words, 't' | 'format'>) => string> = {
  agent_silent: ({ miners }, { t }) => t('detail.unknownMiners', { n: number(miners) ?? 0 }),
  miner_offline: ({ reason }, { t }) => reasonInWords(reason, t),
  miner_unreported: () => '',
  not_hashing: ({ reason }, { t }) => reasonInWords(reason, t),
  hashrate_low: ({ hash_rate, expected_hash_rate }, { t, format }) =>
    `${format.hashrate(number(hash_rate))} ${t('miners.hashrateOf', { expected: format.hashrate(number(expected_hash_rate)) })}`,
  chip_hot: ({ temp_chip }, { format }) => format.temperature(number(temp_chip)),
  fan_stopped: ({ fans }, { t, format }) =>
    t('detail.fans', {
      fans: list(fans)
        .map((rpm) => format.count(number(rpm) ?? 0))
        .join(', '),
    }),
  board_missing: ({ boards, usual, dead }, { t }) => {
    const dark = list(dead).map((slot) => String(slot));
    const some = t('detail.boards', { boards: number(boards) ?? 0, usual: number(usual) ?? '?' });
    return dark.length === 0
      ? some
      : `${some}; ${t('detail.deadBoards', { slots: dark.join(', ') })}`;
  },
  rejected_high: ({ accepted, rejected }, { t, format }) => {
    const bad = number(rejected) ?? 0;
    const all = bad + (number(accepted) ?? 0);
    return t('detail.rejected', { percent: format.percent(all === 0 ? 0 : bad / all), n: all });
  },
  backlog: ({ batches, oldest }, { t, format }) => {
    const held = t('agents.backlogBatches', { n: number(batches) ?? 0 });
    return typeof oldest === 'string'
      ? `${held}, ${t('agent.oldest')} ${format.moment(oldest)}`
      : held;
  },
  gaps: ({ samples }, { t }) => t('agent.samples', { n: number(samples) ?? 0 }),
  quarantine: ({ held }, { t }) => t('agent.samples', { n: number(held) ?? 0 }),
  clock_wrong: ({ clock_error_ms }, { format }) => format.span(number(clock_error_ms) ?? 0),
  unknown_devices: ({ unknown }, { t }) => t('detail.devices', { n: number(unknown) ?? 0 }),
  rollups_late: ({ oldest }, { t, format }) =>
    typeof oldest === 'string' ? `${t('agent.oldest')} ${format.moment(oldest)}` : '',
  database_away: ({ database, reason }) =>
    [database, reason].filter((text) => typeof text === 'string').join(': '),
};

export const detailOf = (problem: ProblemView, words: Pick<Words, 't' | 'format'>): string =>
  IN_WORDS[problem.cause](problem.detail, words);
