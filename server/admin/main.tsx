import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { chosenTheme, showTheme } from './theme.ts';
import './styles.css';

showTheme(chosenTheme());
const container = document.querySelector('#app');
if (container) createRoot(container).render(<App />);
