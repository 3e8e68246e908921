import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// `npm run dev:web` serves the app with hot reload and hands everything else to a running Autoclaim.
const SERVER = 'http://localhost:8365';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2023',
    // No file goes into the page as a data: address; the CSP allows none.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1_000,
  },
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(
      ['/v1.0', '/common', '/openid', '/healthz', '/docs'].map((path) => [
        path,
        { target: SERVER, changeOrigin: false },
      ]),
    ),
  },
});
