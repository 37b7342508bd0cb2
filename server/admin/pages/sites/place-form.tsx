import { useState, type FormEvent } from 'react';
import { inWords } from '../../api.ts';
import type { ContainerView, SiteView } from '../../data/fleet.ts';
import { useSaveContainer, useSaveSite } from '../../data/sites.ts';
import { useWords } from '../../i18n/words.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { focusOnMount } from '../../parts/focus.ts';
import { FormActions } from '../../parts/form-actions.tsx';
import { Notice } from '../../parts/notice.tsx';

type Props = { onClose: () => void } & (
  | { site: SiteView }
  | { container: ContainerView | null; siteId: number | null }
);

const amount = (text: string): number | null => (text.trim() === '' ? null : Number(text));

/** What people say of a site, or of a container in it (null: a new one). */
export function PlaceForm(props: Props) {
  const { t } = useWords();
  const site = 'site' in props ? props.site : null;
  const container = 'container' in props ? props.container : null;
  const place = site ?? container;
  const saveSite = useSaveSite(site?.id ?? null);
  const saveContainer = useSaveContainer(
    container?.id ?? null,
    'siteId' in props ? props.siteId : null,
  );
  const save = site ? saveSite : saveContainer;
  const [fields, setFields] = useState({
    name: place?.name ?? '',
    location: place?.location ?? '',
    description: place?.description ?? '',
    places: String(place?.places ?? ''),
    kilowatts: place?.capacity_w == null ? '' : String(place.capacity_w / 1000),
    zone: site?.time_zone ?? '',
    tariff: String(site?.tariff_per_kwh ?? ''),
    currency: site?.currency ?? '',
  });
  const input = (name: keyof typeof fields) => ({
    name,
    value: fields[name],
    autoComplete: 'off',
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setFields((old) => ({ ...old, [name]: value }));
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const kilowatts = amount(fields.kilowatts);
    const common = {
      name: fields.name.trim(),
      location: fields.location.trim() || null,
      description: fields.description.trim() || null,
      places: amount(fields.places),
      capacity_w: kilowatts === null ? null : kilowatts * 1000,
    };
    const done = { onSuccess: props.onClose };
    if (site) {
      saveSite.mutate(
        {
          ...common,
          time_zone: fields.zone.trim() || null,
          tariff_per_kwh: amount(fields.tariff),
          currency: fields.currency.trim().toUpperCase() || null,
        },
        done,
      );
    } else saveContainer.mutate(common, done);
  };

  return (
    <Dialog
      title={place?.name ?? t('sites.addContainer')}
      onClose={props.onClose}
      wide={site !== null}
    >
      <form onSubmit={submit}>
        {save.isError ? <Notice kind="bad">{inWords(save.error, t)}</Notice> : null}
        <Field label={t('sites.name')}>
          <input {...input('name')} required maxLength={255} ref={focusOnMount} />
        </Field>
        <Field label={t('sites.location')} optional>
          <input {...input('location')} maxLength={255} />
        </Field>
        <Field label={t('reg.description')} optional>
          <input {...input('description')} maxLength={2000} />
        </Field>
        <div className="field-row">
          <Field label={t('sites.places')} optional>
            <input {...input('places')} type="number" min="0" step="1" />
          </Field>
          <Field label={t('sites.kilowatts')} optional>
            <input {...input('kilowatts')} type="number" min="0" step="any" />
          </Field>
        </div>
        {site ? (
          <>
            <Field label={t('sites.timeZone')} optional hint={t('sites.timeZoneHint')}>
              <input {...input('zone')} list="zones" spellCheck={false} />
            </Field>
            <datalist id="zones">
              {Intl.supportedValuesOf('timeZone').map((zone) => (
                <option key={zone} value={zone} />
              ))}
            </datalist>
            <div className="field-row">
              <Field label={t('sites.tariffField')} optional>
                <input {...input('tariff')} type="number" min="0" step="any" />
              </Field>
              <Field label={t('sites.currency')} optional>
                <input
                  {...input('currency')}
                  maxLength={3}
                  pattern="[A-Za-z]{3}"
                  placeholder="RUB"
                />
              </Field>
            </div>
          </>
        ) : null}
        <FormActions submit={t('form.save')} isPending={save.isPending} onCancel={props.onClose} />
      </form>
    </Dialog>
  );
}
