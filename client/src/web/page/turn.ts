/**
 * Which page of this origin is the device (rule WB4): a Web Lock that goes with its page, also when
 * that crashes. It can be taken over by a person's gesture; the store's fence does the rest.
 */
const name = 'baton'

export interface TurnOptions {
  readonly steal: boolean
  /** Another page took it over. */
  lost(): void
}

/** Resolves with false when another page has it. */
export function takeTurn({ steal, lost }: TurnOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const how = steal ? { steal: true } : { ifAvailable: true }
    navigator.locks
      .request(name, how, (lock) => {
        resolve(lock !== null)
        // Held until the page goes.
        return lock === null ? undefined : new Promise<void>(() => {})
      })
      .catch(() => lost())
  })
}
