export { MinersPage } from '../miners/miners-page.tsx';
export { Overview } from '../overview/overview.tsx';
