/** The page: what it stores, whom its server answers, and what it makes of a text. */
const web = 'client/src/web'
const unit = (...tests) => ({
  tests: tests.map((name) => `tests/${name}.test.ts`),
  project: 'unit',
})
const inChromium = { tests: ['tests/web/kits.test.ts'], project: 'web' }
const seen = (...tests) => ({
  tests: tests.map((name) => `tests/web/${name}.test.ts`),
  project: 'web',
})

export const mutants = [
  {
    rule: 'ST3',
    file: `${web}/walks.ts`,
    from: '  if (self.before.size === 0) return found\n',
    to: '  return found\n',
    ...inChromium,
  },
  {
    rule: 'ST15',
    file: `${web}/store-writer.ts`,
    from: '      if (fence !== ports.fence) throw fenced()\n',
    to: '',
    ...inChromium,
  },
  {
    rule: 'ST9',
    file: `${web}/store-writer.ts`,
    from: "    if (error.code !== 'store-full') broken = error\n    refusing = error\n",
    to: '',
    ...inChromium,
  },
  {
    rule: 'WB1',
    file: `${web}/sealing.ts`,
    from: '    additionalData: owned(name),\n',
    to: '',
    ...inChromium,
  },
  {
    rule: 'WB3',
    file: `${web}/keyring.ts`,
    from: "crypto.subtle.generateKey('Ed25519', false,",
    to: "crypto.subtle.generateKey('Ed25519', true,",
    ...inChromium,
  },
  {
    rule: 'WB6',
    file: 'client/src/node/page/app.ts',
    from: "    if (host === undefined) return c.text('', 403)\n",
    to: '',
    ...unit('client/node/page'),
  },
  {
    rule: 'WB5',
    file: 'client/src/node/page/app.ts',
    from: '    "default-src \'none\'",\n',
    to: '',
    ...unit('client/node/page'),
  },
  {
    rule: 'WB7',
    file: 'client/src/node/page/app.ts',
    from: '      .filter((name) => extname(name) in types)\n',
    to: '',
    ...unit('client/node/page'),
  },
  {
    rule: 'WB8',
    file: `${web}/page/route.ts`,
    from: "if (screen === 'session' && /^[\\w-]{1,64}$/.test(rest))",
    to: "if (screen === 'session')",
    ...unit('client/web/page'),
  },
  {
    rule: 'WB11',
    file: `${web}/page/heights.ts`,
    from: '      add(row, height - before)\n',
    to: '',
    ...unit('client/web/page'),
  },
  {
    rule: 'WB11',
    file: `${web}/page/items.ts`,
    from: "const place = record.kind === 'result' ? open.shift() : undefined",
    to: "const place = record.kind === 'result' ? open.pop() : undefined",
    ...unit('client/web/page'),
  },
  {
    rule: 'WB12',
    file: 'shared/src/clean-text.ts',
    from: "    .replace(unseenInLines, ' ')\n",
    to: '',
    ...unit('client/web/page'),
  },
  {
    rule: 'WB17',
    file: `${web}/page/handing.ts`,
    from: '    if (task) return\n    view.value = begun\n',
    to: '    view.value = begun\n',
    ...unit('client/web/screens'),
  },
  {
    rule: 'WB17',
    file: `${web}/page/problem.ts`,
    from: "message: typeof code === 'string' && message ? message : 'an unexpected error'",
    to: "message: message ?? 'an unexpected error'",
    ...unit('client/web/screens'),
  },
  {
    rule: 'WB28',
    file: `${web}/page/live-items.ts`,
    from: 'const place = places.get(id) ?? list.length',
    to: 'const place = list.length',
    ...unit('client/web/screens'),
  },
  {
    rule: 'WB24',
    file: `${web}/worker/worker.ts`,
    from: '    const found = await cache.match(path)\n',
    to: '    const found = undefined as Response | undefined\n',
    ...seen('shell'),
  },
  {
    rule: 'ME9',
    file: 'client/src/core/session-news.ts',
    from: '    rowOf(session).then(tell, failed)\n',
    to: '',
    tests: ['tests/mesh/session-news.test.ts'],
    project: 'mesh',
  },
]
