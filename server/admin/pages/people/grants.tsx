import { useContainers, useSites } from '../../data/sites.ts';
import { useWords } from '../../i18n/words.tsx';

const toggled = (list: number[], id: number): number[] =>
  list.includes(id) ? list.filter((one) => one !== id) : [...list, id];

/** Which sites, with all in them, and which single containers a limited user sees. */
export function Grants(props: {
  siteIds: number[];
  containerIds: number[];
  onSites: (ids: number[]) => void;
  onContainers: (ids: number[]) => void;
}) {
  const { t } = useWords();
  const sites = useSites();
  const containers = useContainers();
  return (
    <fieldset>
      <legend>{t('people.sees')}</legend>
      <div className="checks grants">
        {sites.data?.map((site) => (
          <label key={`site ${site.id}`} className="check">
            <input
              type="checkbox"
              checked={props.siteIds.includes(site.id)}
              onChange={() => props.onSites(toggled(props.siteIds, site.id))}
            />
            {site.name}
          </label>
        ))}
        {containers.data?.map((container) => (
          <label key={`container ${container.id}`} className="check">
            <input
              type="checkbox"
              checked={props.containerIds.includes(container.id)}
              onChange={() => props.onContainers(toggled(props.containerIds, container.id))}
            />
            {container.name}
            <span className="muted">{container.site_name}</span>
          </label>
        ))}
        {sites.data?.length === 0 && containers.data?.length === 0 ? (
          <p className="hint">{t('sites.empty')}</p>
        ) : null}
      </div>
    </fieldset>
  );
}
