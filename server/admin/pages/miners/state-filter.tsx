import type { MinerState } from '../../data/fleet.ts';
import { useWords } from '../../i18n/words.tsx';
import { MINER_TONES } from './miner-state.ts';

/** How many miners are in each state; a click shows only those. */
export function StateFilter(props: {
  all: number;
  states: readonly MinerState[];
  count: (state: MinerState) => number;
  chosen: MinerState | null;
  onChoose: (state: MinerState | null) => void;
}) {
  const { t, format } = useWords();
  return (
    <div className="state-filter" role="group" aria-label={t('miners.state')}>
      <button
        type="button"
        aria-pressed={props.chosen === null}
        onClick={() => props.onChoose(null)}
      >
        {t('miners.allStates')} <b>{format.count(props.all)}</b>
      </button>
      {props.states.map((state) => (
        <button
          key={state}
          type="button"
          className={`badge ${MINER_TONES[state]}`}
          title={t(`why.${state}`)}
          aria-pressed={props.chosen === state}
          onClick={() => props.onChoose(props.chosen === state ? null : state)}
        >
          <i aria-hidden="true" />
          {t(`state.${state}`)} <b>{format.count(props.count(state))}</b>
        </button>
      ))}
    </div>
  );
}
