import { StoreError } from './store-error.ts'

/** Reads a JSON column; undefined where it is NULL, or damaged: `about` then names what is lost. */
export type ReadJson = (json: string | null, about: string) => unknown

/** Makes a reader that leaves out what is damaged and says so, so that one bad row does not fail all that is read with it. */
export function createReadJson(warn: (warning: StoreError) => void): ReadJson {
  return (json, about) => {
    if (json === null) return undefined
    try {
      return JSON.parse(json)
    } catch (cause) {
      warn(new StoreError('corrupt', `${about} cannot be read and is left out`, { cause }))
      return undefined
    }
  }
}
