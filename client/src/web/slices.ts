/**
 * The one thread that a page has, in slices (rule WB50): what reads, writes, inflates or verifies for
 * the mesh hands its results over one at a time, and lets the browser draw and hear a person once they
 * have kept it for a slice. A task of the mesh is then as long as a slice and the work on one result.
 */

/** ms; a frame has 16. */
const sliceMs = 10

const { port1, port2 } = new MessageChannel()
/** Who waits for the next slice, in the order in which they asked. */
const waiting: (() => void)[] = []
/** When the slice that runs now began; while there is one, the message that ends it is on its way. */
let began: number | undefined

/** Undefined while there is time; else resolves in a slice that begins with it. */
export function slice(): Promise<void> | undefined {
  const now = performance.now()
  if (began === undefined) {
    began = now
    port2.postMessage(undefined)
    return undefined
  }
  if (now - began < sliceMs && waiting.length === 0) return undefined
  return new Promise((resolve) => waiting.push(resolve))
}

port1.onmessage = () => {
  const next = waiting.shift()
  began = next && performance.now()
  if (!next) return
  port2.postMessage(undefined)
  next()
}
