/**
 * Bundles what a browser runs, from the sources: `node scripts/bundle.mjs ENTRY... FOLDER`, or the page
 * without any. Nothing of
 * Node may come along, and nothing that would have to be evaluated from a text: both end the build.
 */
import { createHash } from 'node:crypto'
import { basename, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const min = fileURLToPath(new URL('../node_modules/simple-peer/simplepeer.min.js', import.meta.url))

/** `entries`: pages (.html) or modules. Rejects with what went wrong. */
export async function bundle(entries, outDir, { minify = true, folder = root } = {}) {
  const { build } = await import('vite')
  await build({
    root: folder,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    resolve: {
      conditions: ['source', 'browser', 'module', 'import', 'default'],
      alias: {
        // The package's own entry wants Node's streams; this one brings what it needs.
        'simple-peer': min,
        // The same, without code made from text, which the page's policy refuses.
        msgpackr: 'msgpackr/index-no-eval',
      },
    },
    plugins: [
      { name: 'no-node', resolveId: { order: 'pre', handler: refuseNode } },
      { name: 'shell', enforce: 'post', generateBundle: { order: 'post', handler: nameShell } },
    ],
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      minify,
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      rollupOptions: {
        input: Object.fromEntries(
          entries.map((entry) => [basename(entry).replace(/\.\w+$/, ''), resolve(root, entry)]),
        ),
        output: {
          entryFileNames: '[name].js',
          chunkFileNames: '[name].js',
          assetFileNames: '[name][extname]',
          manualChunks: chunkOf,
        },
      },
    },
  })
}

/**
 * What the first screen stands on comes by itself, and the libraries of the mesh with the mesh; which of
 * our modules are where follows from who imports them, and how.
 */
function chunkOf(id) {
  if (!id.includes('/node_modules/')) return undefined
  // What draws a QR code, and what reads one, come when they are wanted.
  const [, codes] = /\/node_modules\/(u?qr)\//.exec(id) ?? []
  if (codes) return codes === 'qr' ? 'qr-reader' : 'qr-writer'
  return /\/node_modules\/(?:@?preact|@scure)\//.test(id) ? 'view' : 'libraries'
}

const builtins = new Set((await import('node:module')).builtinModules)

function refuseNode(source, importer) {
  if (!source.startsWith('node:') && !builtins.has(source)) return null
  throw new Error(`${source} is Node's own, and ${importer} asks for it`)
}

/** Tells the service worker, where there is one, which files are the page, and a hash of them all. */
function nameShell(_options, output) {
  const worker = output['worker.js']
  if (!worker) return
  const names = Object.keys(output)
    .filter((name) => name !== 'worker.js')
    .sort()
  const hash = createHash('sha256')
  for (const name of names) hash.update(name).update(output[name].code ?? output[name].source)
  const version = hash.digest('hex').slice(0, 16)
  const code = worker.code.replace('__SHELL__', [version, ...names].join(' '))
  if (code === worker.code) throw new Error('the worker does not say where its files go')
  worker.code = code
}

/** The page, from its sources into the folder that a device serves. */
export const bundlePage = () =>
  bundle(
    [`${page}index.html`, `${page}../worker/worker.ts`],
    fileURLToPath(new URL('../client/dist/page/', import.meta.url)),
    {
      folder: page,
    },
  )
const page = fileURLToPath(new URL('../client/src/web/page/', import.meta.url))

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const paths = process.argv.slice(2)
  const outDir = paths.pop()
  if (outDir === undefined) await bundlePage()
  else await bundle(paths, resolve(outDir), { minify: false })
}
