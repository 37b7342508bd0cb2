import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { fetchPages } from './pages/later.tsx';
import { chosenTheme, showTheme } from './theme.ts';
import './styles.css';

fetchPages(location.pathname);
showTheme(chosenTheme());
const container = document.querySelector('#app');
if (container) createRoot(container).render(<App />);
