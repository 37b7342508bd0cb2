import { useState, type FormEvent } from 'react';
import { inWords } from '../../api.ts';
import { useBulkChange, type BulkSet, type BulkTarget, type Facets } from '../../data/miners.ts';
import { useUser } from '../../data/session.ts';
import { useContainers } from '../../data/sites.ts';
import { useWords } from '../../i18n/words.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { focusOnMount } from '../../parts/focus.ts';
import { FormActions } from '../../parts/form-actions.tsx';
import { Notice } from '../../parts/notice.tsx';
import type { useSelection } from './selection.ts';
import { filterBody, type MinerView } from './view.ts';

const KINDS = ['addTag', 'removeTag', 'container', 'expected'] as const;
type Kind = (typeof KINDS)[number];

/** What can be done with the chosen miners, while any are chosen. */
export function BulkBar(props: {
  view: MinerView;
  selection: ReturnType<typeof useSelection>;
  total: number;
  facets: Facets | undefined;
}) {
  const { t } = useWords();
  const { selection, total, view } = props;
  const user = useUser();
  const [doing, setDoing] = useState<Kind | null>(null);
  const n = selection.count(total);
  const target: BulkTarget =
    selection.selection === 'all'
      ? { filter: filterBody(view), total }
      : { ids: [...selection.selection] };
  return (
    <div className="bulk afloat" role="group" aria-label={t('bulk.label')}>
      <b role="status">{t('bulk.chosen', { n })}</b>
      {n < total ? (
        <button type="button" className="as-link" onClick={selection.all}>
          {t('bulk.all', { n: total })}
        </button>
      ) : null}
      <div className="actions">
        {KINDS.filter((kind) => kind !== 'expected' || user.role === 'admin').map((kind) => (
          <button key={kind} type="button" onClick={() => setDoing(kind)}>
            {t(`bulk.${kind}`)}
          </button>
        ))}
        <button type="button" className="quiet" onClick={selection.none}>
          {t('bulk.none')}
        </button>
      </div>
      {doing ? (
        <BulkDialog
          kind={doing}
          n={n}
          target={target}
          facets={props.facets}
          onClose={() => setDoing(null)}
          onDone={selection.none}
        />
      ) : null}
    </div>
  );
}

function BulkDialog(props: {
  kind: Kind;
  n: number;
  target: BulkTarget;
  facets: Facets | undefined;
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useWords();
  const { kind, n } = props;
  const change = useBulkChange();
  const containers = useContainers();
  const [value, setValue] = useState('');

  const set = (): BulkSet => {
    const text = value.trim();
    if (kind === 'addTag') return { add_tags: [text] };
    if (kind === 'removeTag') return { remove_tags: [text] };
    if (kind === 'container') return { container_id: text === '' ? null : Number(text) };
    return { expected_hash_rate: text === '' ? null : Number(text) };
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { ...props.target, set: set() },
      {
        onSuccess: () => {
          props.onClose();
          props.onDone();
        },
      },
    );
  };
  return (
    <Dialog title={t(`bulk.${kind}`)} onClose={props.onClose}>
      <form onSubmit={submit}>
        <p className="muted">{t(`bulk.${kind}What`, { n })}</p>
        {change.isError ? <Notice kind="bad">{inWords(change.error, t)}</Notice> : null}
        {kind === 'container' ? (
          <Field label={t('column.container_name')}>
            <select
              name="value"
              value={value}
              onChange={(event) => setValue(event.currentTarget.value)}
            >
              <option value="">{t('filter.none')}</option>
              {containers.data?.map((container) => (
                <option key={container.id} value={container.id}>
                  {[container.site_name, container.name].filter(Boolean).join(' · ')}
                </option>
              ))}
            </select>
          </Field>
        ) : kind === 'expected' ? (
          <Field label={t('bulk.ths')} hint={t('bulk.thsHint')}>
            <input
              name="value"
              type="number"
              min="0.000001"
              step="any"
              ref={focusOnMount}
              value={value}
              onChange={(event) => setValue(event.currentTarget.value)}
            />
          </Field>
        ) : (
          <Field label={t('bulk.tag')}>
            <input
              name="value"
              required
              maxLength={64}
              list="tags"
              autoComplete="off"
              ref={focusOnMount}
              value={value}
              onChange={(event) => setValue(event.currentTarget.value)}
            />
          </Field>
        )}
        <datalist id="tags">
          {props.facets?.tags.map((tag) => (
            <option key={tag.value} value={String(tag.value)} />
          ))}
        </datalist>
        <FormActions
          submit={t('bulk.change', { n })}
          isPending={change.isPending}
          onCancel={props.onClose}
        />
      </form>
    </Dialog>
  );
}
