/**
 * `npm run shots`: pictures of every screen of the page at 360, 768 and 1440 pixels, light and dark,
 * into node_modules/.cache/shots (or the folder named). It runs `npm start` on a home of its own and a
 * Chromium at its page, and does what a person would.
 */
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { prepare } from './prepare.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))
const out = resolve(process.argv[2] ?? join(root, 'node_modules/.cache/shots'))
const widths = [
  [360, 740],
  [768, 1024],
  [1440, 900],
]
const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

await prepare()
rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })
const home = mkdtempSync(join(tmpdir(), 'baton-shots-'))
cpSync(join(root, 'client/sample/projects'), join(home, '.claude/projects'), { recursive: true })
const said = `Two of them:

- **Tomatoes**: the sensor reads 18 %, and the forecast has no rain until Friday.
- Beans can wait a day.

\`water --bed tomatoes --minutes 12\` would do.`

const cli = join(root, 'client/bin/baton.mjs')
const env = {
  PATH: process.env.PATH,
  HOME: home,
  BATON_HOME: join(home, 'baton'),
  BATON_KEYCHAIN: 'off',
}
const daemon = startDaemon()
const browser = await chromium.launch({
  executablePath: process.env.BATON_CHROMIUM ?? programs.find(existsSync),
  args: ['--no-sandbox'],
})
try {
  await takeAll()
} finally {
  await browser.close()
  daemon.child.kill('SIGINT')
  await daemon.ended
  rmSync(home, { recursive: true, force: true })
}

async function takeAll() {
  const [, url] = await daemon.said(/or open (http:\S+) in a browser/)
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(url)
  await page.getByLabel('Code of the other device').waitFor()
  await shoot(page, 'pair')
  await page.goto(`${url}/#/sessions`)
  await page.getByText('holds no session yet').waitFor()
  await shoot(page, 'sessions-none')
  await page.goto(`${url}/#/pair`)
  await page.getByLabel('Code of the other device').pressSequentially('412 can')
  await shoot(page, 'pair-typing')
  await page.getByLabel('Code of the other device').fill('')
  await page.getByLabel('Code of the other device').pressSequentially('999 candle castle anvil ')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  await shoot(page, 'pair-failed')
  const [, code] = await daemon.said(/^([1-9]\d*(?:-[a-z]{4,8}){3})$/m)
  await page.getByLabel('Code of the other device').fill('')
  await page.getByLabel('Code of the other device').pressSequentially(code)
  await page.keyboard.press('Enter')
  await page.getByText('Paired with').waitFor()
  await shoot(page, 'paired')
  await page.getByRole('feed').getByText('You').first().waitFor({ timeout: 20_000 })
  await shoot(page, 'session')
  await page.locator('details').first().locator('summary').click()
  await page.locator('details').first().scrollIntoViewIfNeeded()
  await shoot(page, 'session-unfolded')
  await page.goto(`${url}/#/sessions`)
  await page.locator('.session').first().waitFor()
  await shoot(page, 'sessions')
  await page.goto(`${url}/#/devices`)
  await page.locator('.device').nth(1).waitFor()
  await shoot(page, 'devices')
  await page.getByRole('button', { name: 'Rename desk' }).click()
  await shoot(page, 'device-rename')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.goto(`${url}/#/settings`)
  await page.getByRole('radio', { name: 'Ask me' }).waitFor()
  await shoot(page, 'settings')
  const session = await takeHeld(page, url)
  for (const mode of ['sidepanel', 'popup']) {
    const other = await context.newPage()
    await other.goto(`${url}/?mode=${mode}#/session/${session}`)
    await other.getByText('This page holds it.', { exact: true }).waitFor()
    await other.getByRole('feed').getByText('You').first().waitFor()
    await shoot(other, mode)
    await other.close()
  }
  await page.goto(`${url}/#/pair`)
  await page.getByRole('button', { name: 'Show a code' }).click()
  await page.locator('.shown-code').waitFor()
  await shoot(page, 'pair-code')
}

/** A session that the desk holds: there, asked for, here, and with what stands around it. */
async function takeHeld(page, url) {
  const { session } = json('new', 'Water the beds')
  baton('say', session, 'Which beds need water before Thursday? Start with the **tomatoes**.')
  baton('say', '--role', 'assistant', session, said)
  const [row] = (await json('devices')).devices.filter(({ self }) => !self)
  const offered = start('handoff', session, '--to', row.name)
  await page.getByRole('button', { name: 'Accept' }).waitFor()
  await page.goto(`${url}/#/sessions`)
  await shoot(page, 'request')
  await page.getByRole('button', { name: 'Accept' }).click()
  await offered
  await page.goto(`${url}/#/session/${session}`)
  await page.getByText('This page holds it.', { exact: true }).waitFor()
  await page.getByLabel('Your message').fill('And the lettuce in the shade?')
  await shoot(page, 'held-here')
  await page.getByRole('button', { name: 'Hand over' }).click()
  await shoot(page, 'hand-over')
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: /Details/ }).click()
  await page.getByText('signed by both').waitFor()
  await page.getByText('How it is shown').scrollIntoViewIfNeeded()
  await shoot(page, 'details')
  return session
}

function baton(...args) {
  const done = spawnSync(process.execPath, [cli, ...args], { env, encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`baton ${args[0]}: ${done.stderr}`)
  return done.stdout
}

function json(...args) {
  return JSON.parse(
    baton(...args, '--json')
      .trim()
      .split('\n')
      .at(-1),
  )
}

function start(...args) {
  return new Promise((done) => spawn(process.execPath, [cli, ...args], { env }).once('close', done))
}

async function shoot(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme })
    for (const [width, height] of widths) {
      await page.setViewportSize({ width, height })
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60))),
      )
      await page.screenshot({ path: join(out, `${name}-${width}-${colorScheme}.png`) })
    }
  }
  console.log(name)
}

function startDaemon() {
  const args = [join(root, 'scripts/start.mjs'), '--no-tour', '--name', 'desk']
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  const looking = new Set()
  child.stdout.setEncoding('utf8').on('data', (part) => {
    text += part
    for (const look of [...looking]) look()
  })
  const ended = new Promise((done) => child.once('close', done))
  const said = (pattern) =>
    new Promise((done, fail) => {
      const look = () => {
        const match = pattern.exec(text)
        if (!match) return
        looking.delete(look)
        done(match)
      }
      looking.add(look)
      look()
      void ended.then(() => fail(new Error(`npm start ended: ${text}`)))
    })
  return { child, ended, said }
}
