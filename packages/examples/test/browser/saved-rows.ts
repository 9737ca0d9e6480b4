import type { Page } from 'playwright-core'

/** All that a page's origin has in IndexedDB, keys and values, as JSON. */
export function savedRows(page: Page): Promise<string> {
  return page.evaluate<string>(`(async () => {
    const settled = (asked) => new Promise((resolve, reject) => {
      asked.onsuccess = () => resolve(asked.result)
      asked.onerror = () => reject(asked.error)
    })
    const rows = []
    for (const { name } of await indexedDB.databases()) {
      const database = await settled(indexedDB.open(name))
      for (const name of database.objectStoreNames) {
        const store = database.transaction(name).objectStore(name)
        const [keys, values] = await Promise.all([settled(store.getAllKeys()), settled(store.getAll())])
        rows.push(...keys.map((key, index) => [key, values[index]]))
      }
      database.close()
    }
    return JSON.stringify(rows)
  })()`)
}
