import { describe, expect, test } from 'vitest';
import { answer } from './cgminer-protocol.ts';
import { canHave, DEFECT_NAMES, DEFECTS } from './defects.ts';
import { makeDevice } from './device.ts';
import { rpcDialect, websOf } from './families/index.ts';
import { stateAt } from './miner-state.ts';
import { MODELS } from './models.ts';

const NOW = new Date('2026-11-22T09:41:07Z');
const COMMANDS = ['version', 'summary', 'stats', 'pools', 'get_psu'];

describe.each(DEFECT_NAMES)('%s', (name) => {
  test('spoils a reply of every model said to have it', () => {
    const having = MODELS.filter((model) => canHave(name, model.family, model.dialect));
    expect(having.length).toBeGreaterThan(0);
    for (const model of having) {
      const device = makeDevice({
        index: 0,
        seed: 1,
        model,
        address: '127.9.0.1',
        otherAddress: null,
        faults: [],
      });
      const state = stateAt(device, NOW);
      const replies = COMMANDS.map((command) => ({
        command,
        text: answer(rpcDialect(model)!, device, state, JSON.stringify({ command })).reply,
      }));
      const conf = '/cgi-bin/get_miner_conf.cgi';
      const page = websOf(model)[0]?.pages(device, state, conf, '') ?? null;
      if (typeof page === 'string') replies.push({ command: conf, text: page });
      // The S9 forgets its comma without being told to.
      if (name === 'missing-comma' && model.dialect === 'antminer-s9') continue;
      const spoilt = replies.filter(
        ({ command, text }) => DEFECTS[name].spoil(text, command) !== text,
      );
      expect(spoilt.length).toBeGreaterThan(0);
      if (name === 'quoted-nan') continue;
      for (const { command, text } of spoilt) {
        expect(() => JSON.parse(DEFECTS[name].spoil(text, command)) as unknown).toThrow(
          SyntaxError,
        );
      }
    }
  });
});
