import { useAudit, type AuditEntry } from '../../data/people.ts';
import type { Translate } from '../../i18n/messages.ts';
import { useWords } from '../../i18n/words.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { PeopleTabs } from './people-tabs.tsx';

/** Who did what, the newest first. */
export function AuditPage() {
  const { t } = useWords();
  const audit = useAudit();
  return (
    <Page title={t('nav.people')}>
      <PeopleTabs here="audit" />
      <Loaded query={audit} still={[420]}>
        {(entries) => (
          <div className="panel">
            {entries.length === 0 ? (
              <p className="empty">{t('audit.empty')}</p>
            ) : (
              <ul className="entries audit">
                {entries.map((entry) => (
                  <Entry key={entry.id} entry={entry} />
                ))}
              </ul>
            )}
            {audit.hasNextPage ? (
              <div className="bar">
                <button
                  type="button"
                  disabled={audit.isFetchingNextPage}
                  onClick={() => void audit.fetchNextPage()}
                >
                  {t('audit.older')}
                </button>
              </div>
            ) : null}
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const { t } = useWords();
  const what = entry.object_name ?? entry.object_id;
  return (
    <li>
      <div>
        <b className="foreign">{entry.username ?? t('audit.nobody')}</b>{' '}
        <span title={entry.action}>{actionInWords(entry.action, t)}</span>
        {what === null ? null : (
          <>
            : <span className="foreign">{what}</span>
          </>
        )}
        <Changes before={entry.before} after={entry.after} />
      </div>
      <div className="muted end">
        <Ago at={entry.at} />
        <br />
        {isVia(entry.via) ? t(`via.${entry.via}`) : entry.via}
        {entry.ip === null ? '' : ` · ${entry.ip}`}
      </div>
    </li>
  );
}

/** "site.change" → "site changed"; what this page has no words for stays as it is. */
function actionInWords(action: string, t: Translate): string {
  const [object = '', deed = ''] = action.split('.');
  const words = OBJECTS.find((one) => one === object);
  const done = DEEDS.find((one) => one === deed);
  return words && done ? `${t(`object.${words}`)} · ${t(`deed.${done}`)}` : action;
}

const OBJECTS = [
  'session',
  'user',
  'token',
  'site',
  'container',
  'pool',
  'agent',
  'miner',
  'problem',
  'quarantine',
] as const;
const DEEDS = [
  'login',
  'login_failed',
  'logout',
  'confirm_failed',
  'end',
  'create',
  'change',
  'password',
  'grant',
  'ungrant',
  'revoke',
  'delete',
  'register',
  'move',
  'retire',
  'restore',
  'key_add',
  'key_revoke',
  'change_many',
  'merge',
  'acknowledge',
  'unacknowledge',
  'reinject',
] as const;
const VIAS = ['login', 'session', 'token', 'setup', 'command line'] as const;
const isVia = (text: string): text is (typeof VIAS)[number] => VIAS.some((one) => one === text);

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const inText = (value: unknown): string =>
  value === null ? '—' : typeof value === 'string' ? value : (JSON.stringify(value) ?? '—');

/** Each field that was changed: what it was → what it is. */
function Changes({ before, after }: { before: unknown; after: unknown }) {
  const was = isFields(before) ? before : {};
  const is = isFields(after) ? after : {};
  // Of something new, what was left empty says nothing.
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (name) => name in was || is[name] !== null,
  );
  if (names.length === 0) return null;
  return (
    <ul className="changes">
      {names.map((name) => (
        <li key={name}>
          <span className="muted">{name}</span>{' '}
          {name in was ? <del className="foreign">{inText(was[name])}</del> : null}{' '}
          {name in is ? <ins className="foreign">{inText(is[name])}</ins> : null}
        </li>
      ))}
    </ul>
  );
}
