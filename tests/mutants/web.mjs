/** The page: what it stores, whom its server answers, and what it makes of a text. */
const web = 'client/src/web'
const unit = (...tests) => ({
  tests: tests.map((name) => `tests/${name}.test.ts`),
  project: 'unit',
})
const inChromium = { tests: ['tests/web/kits.test.ts'], project: 'web' }

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
]
