import { defineConfig } from 'vite';

// Written for React, shipped as Preact: without these four lines it is a React app.
const REACT_AS_PREACT = [
  { find: /^react\/jsx-(dev-)?runtime$/, replacement: 'preact/jsx-runtime' },
  { find: /^react-dom\/client$/, replacement: 'preact/compat/client' },
  { find: /^react-dom$/, replacement: 'preact/compat' },
  { find: /^react$/, replacement: 'preact/compat' },
];

export default defineConfig({
  root: import.meta.dirname,
  resolve: { alias: REACT_AS_PREACT },
  build: {
    outDir: '../../dist/admin',
    emptyOutDir: true,
    // What belongs to what, for the test of how much the first page loads.
    manifest: true,
    // The page's policy allows no inline style or script; files it is.
    assetsInlineLimit: 0,
    rolldownOptions: {
      // TanStack marks its files "use client" for frameworks that render on a server; nothing here does.
      onLog: (level, log, handle) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8000' } },
});
