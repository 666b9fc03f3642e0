/**
 * The main job from end to end, unattended (rules DM1 to DM3): processes with homes of their own, real
 * signaling, real WebRTC. Every claim is checked here, from the files and receipts, not believed;
 * the process ends with 0 only if all of them held. `--break=<part>` makes one part fail.
 */
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createSignaling } from '@baton/signaling/signaling'
import type { PairingEvent, SendEvent, SendOptions } from '../../core/mesh-api.ts'
import { createPaint, wantsColour } from '../cli/paint.ts'
import { sampleFolder, sampleSession } from '../start/sample.ts'
import { type Fault, faults } from './fault.ts'
import { handAround } from './handing.ts'
import { type Actor, startActor } from './stage.ts'
import { newTurn } from './turn.ts'

type Done = Extract<SendEvent, { at: 'done' }>

const paint = createPaint(wantsColour(process.env, process.stdout.isTTY))
const started = performance.now()
const say = (line: string) => process.stdout.write(`${line}\n`)
const seconds = () => paint.dim(`${((performance.now() - started) / 1000).toFixed(1)} s`)
const failMs = 30_000

function claim(held: boolean, what: string): void {
  say(`  ${held ? paint.good('✓') : paint.bad('✗')} ${what}  ${seconds()}`)
  if (!held) throw new Error(what)
}

async function last<E extends { at: string }>(events: AsyncIterable<E>): Promise<E | undefined> {
  let event: E | undefined
  for await (const next of events) event = next
  return event
}

/** Ends of two tasks, or why one of them did not come to its end in time. */
async function within<T>(what: string, run: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what} took longer than ${failMs / 1000} s`)),
      failMs,
    )
  })
  try {
    return await Promise.race([run, late])
  } finally {
    clearTimeout(timer)
  }
}

async function pair(
  desktop: Actor,
  laptop: Actor,
  fault: Fault | undefined,
  heading = 'pair by a code',
): Promise<void> {
  say(paint.bold(heading))
  const invite = desktop.invite()[Symbol.asyncIterator]()
  let code = ''
  while (code === '') {
    const { value, done } = await invite.next()
    if (done) throw new Error('no code was shown')
    if (value.at === 'code') code = value.code
  }
  if (fault === 'code')
    code = code.replace(/[a-z]+$/, (word) => (word === 'agile' ? 'anvil' : 'agile'))
  const end = await within('pairing', last<PairingEvent>(laptop.join(code)))
  claim(end?.at === 'paired', 'the code pairs the two, and nothing else was needed')
  const other = await within(
    'pairing',
    last<PairingEvent>({ [Symbol.asyncIterator]: () => invite }),
  )
  claim(other?.at === 'paired', 'both sides say so')
}

async function hand(from: Actor, to: Actor, project: string): Promise<Done> {
  const options: SendOptions = { to: to.self as never, maps: [], project }
  const refused = to.noticed('bad-signature').then((): never => {
    throw new Error('the other device refuses the entries: their signature is wrong')
  })
  const run = last(from.send(sampleSession, options))
  const end = await within('the send', Promise.race([run, refused]))
  if (end?.at === 'done') return end
  const why = end?.at === 'failed' ? `${end.code}: ${end.message}` : 'no end'
  throw new Error(`the session does not go across (${why})`)
}

function claimReceipt(done: Done, from: Actor, to: Actor): void {
  const { receipt, digest } = done
  claim(
    digest.here === digest.there,
    `the digest is the same on both sides: ${digest.here.slice(0, 16)}…`,
  )
  claim(
    receipt.signedBy.includes(from.self as never) && receipt.signedBy.includes(to.self as never),
    `the receipt over ${receipt.records} records and ${receipt.bytes} bytes is signed by both`,
  )
}

async function play(root: string, fault: Fault | undefined): Promise<void> {
  const signaling = createSignaling()
  const { url } = await signaling.listen()
  const homes = {
    desktop: join(root, 'desktop'),
    laptop: join(root, 'laptop'),
    phone: join(root, 'phone'),
  }
  const project = join(root, 'tide-clock')
  for (const folder of [...Object.values(homes), project]) mkdirSync(folder, { recursive: true })
  cpSync(join(sampleFolder(), 'projects'), join(homes.desktop, '.claude', 'projects'), {
    recursive: true,
  })
  const at = (side: 'signature' | 'digest') => (fault === side ? fault : undefined)
  const actors: Actor[] = []
  try {
    const setup = { signaling: url }
    actors.push(
      ...(await Promise.all([
        startActor({ ...setup, home: homes.desktop, name: 'desktop', fault: at('signature') }),
        startActor({ ...setup, home: homes.laptop, name: 'laptop', fault: at('digest') }),
      ])),
    )
    const [desktop, laptop] = actors as [Actor, Actor]
    await pair(desktop, laptop, fault)
    await carry(desktop, laptop, homes.desktop, project, fault)
    const none = { ...setup, fault: undefined }
    const phone = await startActor({ ...none, home: homes.phone, name: 'phone' })
    actors.push(phone)
    await pair(desktop, phone, undefined, 'pair a third device, known to both')
    await handAround({
      ...{ desktop, laptop, phone, claim },
      heading: (text) => say(paint.bold(text)),
      async laptopAgain() {
        const again = await startActor({ ...none, home: homes.laptop, name: 'laptop' })
        actors.push(again)
        return again
      },
    })
  } finally {
    await Promise.all(actors.map((actor) => actor.leave()))
    await signaling.close()
  }
}

async function carry(
  desktop: Actor,
  laptop: Actor,
  home: string,
  project: string,
  fault: Fault | undefined,
): Promise<void> {
  const origin = join(home, '.claude/projects/-projects-tide-clock', `${sampleSession}.jsonl`)
  const before = readFileSync(origin, 'utf8')
  say(paint.bold('send the session to the laptop'))
  const there = await hand(desktop, laptop, project)
  claimReceipt(there, desktop, laptop)
  const copy = there.placed?.path
  claim(copy !== undefined, 'it is placed where its agent resumes it')
  if (copy === undefined) return
  if (fault === 'record') {
    writeFileSync(copy, readFileSync(copy, 'utf8').replace(/"text":"./, '"text":"#'))
  }
  const { permissionMode = 0, ...others } = there.receipt.neutralised
  claim(
    Object.keys(others).length === 0 && readFileSync(copy, 'utf8') === withoutModes(before),
    `it is the first transcript byte for byte, but for ${permissionMode} approval modes of the other device`,
  )
  say(paint.bold('go on there, and send it back'))
  const turn = newTurn(before, project)
  appendFileSync(copy, turn)
  const back = await hand(laptop, desktop, project)
  claimReceipt(back, laptop, desktop)
  claim(back.merged === 'extended', 'the first device had not moved on, so its own session goes on')
  claim(
    readFileSync(origin, 'utf8') === before + turn,
    'its own file is extended by exactly the new records',
  )
  const kept = [await desktop.receipts(), await laptop.receipts()]
  claim(
    kept.every((rows) => rows.length === 2) &&
      kept[0]?.every((row) => kept[1]?.some((other) => other.id === row.id)) === true,
    'both keep the same two receipts',
  )
}

/** What placing a session of this kind may change, done here by other means. */
const withoutModes = (transcript: string) =>
  transcript.replaceAll(/"permissionMode":"[^"]*"/g, '"permissionMode":"default"')

/** What was not understood must not look like a run in which all held. */
function wantedFault(): Fault | undefined {
  try {
    const { values } = parseArgs({ options: { break: { type: 'string' } } })
    const fault = faults.find((name) => name === values.break)
    if (fault !== undefined || values.break === undefined) return fault
  } catch {
    // What lands here: another option, or a word too many.
  }
  process.stderr.write(
    `error: the demo takes nothing but --break with one of ${faults.join(', ')}\nhint: npm run demo -- --break=${faults[0]}\n`,
  )
  process.exit(2)
}

const fault = wantedFault()
const root = mkdtempSync(join(tmpdir(), 'baton-demo-'))
const clean = () => rmSync(root, { recursive: true, force: true })
process.once('SIGINT', () => {
  clean()
  process.exit(130)
})
if (fault) say(paint.warn(`broken on purpose: ${fault}`))
try {
  await play(root, fault)
  say(`${paint.good('all of it held')}, in ${seconds()}`)
} catch (error) {
  process.exitCode = 1
  process.stderr.write(`error: ${error instanceof Error ? error.message : 'unexpected'}\n`)
} finally {
  clean()
}
process.exit()
