import { secondsOf } from '../ranges.ts';
import { evaluate, type Answers, type Numbered, type RuleJson } from './evaluate.ts';

const nobody = (isWrong: boolean) => [{ labels: {}, isWrong, value: undefined }];

interface State {
  labels: Numbered['labels'];
  is: 'normal' | 'pending' | 'firing';
  sinceS: number;
  seenS: number;
}

export interface Transition {
  rule: RuleJson;
  labels: Numbered['labels'];
  what: 'fires' | 'ends';
  timeS: number;
  value: number | undefined;
}

/**
 * The states of a rule's alerts, as Grafana 9.3 keeps them (pkg/services/ngalert/state): pending until `for` is over,
 * an alert whose row is gone for two looks is over, no rows at all and errors as the rule says.
 */
export class RuleStates {
  readonly #rule: RuleJson;
  readonly #everyS: number;
  readonly #states = new Map<string, State>();

  constructor(rule: RuleJson, everyS: number) {
    this.#rule = rule;
    this.#everyS = everyS;
  }

  async look(timeS: number, answers: Answers): Promise<Transition[]> {
    const changes: Transition[] = [];
    const found = await this.#found(answers);
    for (const { labels, isWrong, value } of found) {
      const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
      const state: State = this.#states.get(key) ?? {
        labels,
        is: 'normal',
        sinceS: timeS,
        seenS: timeS,
      };
      this.#states.set(key, state);
      state.seenS = timeS;
      const before = state.is;
      if (!isWrong) {
        if (state.is !== 'normal') state.sinceS = timeS;
        state.is = 'normal';
      } else if (state.is === 'normal') {
        state.is = secondsOf(this.#rule.for) > 0 ? 'pending' : 'firing';
        state.sinceS = timeS;
      } else if (state.is === 'pending' && timeS - state.sinceS >= secondsOf(this.#rule.for)) {
        state.is = 'firing';
      }
      if (before !== state.is && (before === 'firing' || state.is === 'firing')) {
        changes.push({
          rule: this.#rule,
          labels,
          what: state.is === 'firing' ? 'fires' : 'ends',
          timeS,
          value,
        });
      }
    }
    for (const [key, state] of this.#states) {
      if (timeS - state.seenS < 2 * this.#everyS) continue;
      this.#states.delete(key);
      if (state.is === 'firing') {
        changes.push({
          rule: this.#rule,
          labels: state.labels,
          what: 'ends',
          timeS,
          value: undefined,
        });
      }
    }
    return changes;
  }

  async #found(answers: Answers) {
    try {
      const { found } = await evaluate(this.#rule, answers);
      return found.length > 0 ? found : nobody(this.#rule.noDataState === 'Alerting');
    } catch (error) {
      if (!(error instanceof DatabaseAway)) throw error;
      return nobody(this.#rule.execErrState === 'Alerting');
    }
  }
}

export class DatabaseAway extends Error {
  override readonly name = 'DatabaseAway';
}
