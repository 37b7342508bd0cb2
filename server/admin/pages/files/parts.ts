export { MinerPage } from '../miner/miner-page.tsx';
export { ProblemsPage } from '../problems/problems-page.tsx';
export { SitesPage } from '../sites/sites-page.tsx';
