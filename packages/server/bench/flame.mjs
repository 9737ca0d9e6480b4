// Draws CPU and heap profiles as flame graphs: `pnpm bench:flame IN.cpuprofile|IN.heapprofile OUT.svg "Title"`.
import { readFileSync, writeFileSync } from 'node:fs'

const [input = '', output = '', title = ''] = process.argv.slice(2)
const WIDTH = 1200
const ROW = 16
const NARROWEST = 1.5

const ALL = 'all'
const profile = JSON.parse(readFileSync(input, 'utf8'))
const { tree, amount } = profile.samples !== undefined && profile.nodes !== undefined ? cpuOf(profile) : heapOf(profile)
const root = frameOf(tree, ALL)
// What loads modules, and idle time, is not the server at work.
root.children = root.children.filter(
  ({ name }) =>
    !/^\((idle|root)\)|compileSourceTextModule|moduleEvaluat|ModuleJob|internalCompile|node:internal\/modules|require|startup/i.test(name),
)
root.weight = root.children.reduce((sum, { weight }) => sum + weight, 0)

const rects = []
const depth = draw(root, 0, 0, WIDTH)
const height = (depth + 1) * ROW + 30
writeFileSync(
  output,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="monospace" font-size="11">
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="4" y="16" font-size="13">${escaped(title)} (${amount(root.weight)})</text>
${rects.join('\n')}
</svg>
`,
)

/** A CPU profile as a tree: each node with the time of its own, in microseconds. */
function cpuOf({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const self = new Map()
  samples.forEach((id, index) => self.set(id, (self.get(id) ?? 0) + timeDeltas[index]))
  const nodeOf = ({ id, callFrame, children = [] }) => ({
    callFrame,
    own: self.get(id) ?? 0,
    children: children.map((child) => nodeOf(byId.get(child))),
  })
  return { tree: nodeOf(nodes[0]), amount: (weight) => `${(weight / 1e6).toFixed(1)} s of CPU` }
}

/** A sampling heap profile as a tree: each node with the bytes of its own. */
function heapOf({ head }) {
  const nodeOf = ({ callFrame, selfSize, children }) => ({ callFrame, own: selfSize, children: children.map(nodeOf) })
  return { tree: nodeOf(head), amount: (weight) => `${(weight / 1e6).toFixed(1)} MB` }
}

function frameOf(node, name = nameOf(node)) {
  const merged = new Map()
  for (const below of node.children) {
    const child = frameOf(below)
    const same = merged.get(child.name)
    if (same === undefined) merged.set(child.name, child)
    else mergeInto(same, child)
  }
  const children = [...merged.values()]
  return { name, children, weight: node.own + children.reduce((sum, { weight }) => sum + weight, 0) }
}

function mergeInto(one, other) {
  one.weight += other.weight
  for (const child of other.children) {
    const same = one.children.find(({ name }) => name === child.name)
    if (same === undefined) one.children.push(child)
    else mergeInto(same, child)
  }
}

function nameOf({ callFrame: { functionName, url } }) {
  const file = url.startsWith('node:') ? url : url.split('/').slice(-2).join('/')
  return file === '' || file.startsWith('.bench/') ? functionName || '(anonymous)' : `${functionName || '(anonymous)'} ${file}`
}

function draw(frame, x, level, width) {
  const share = ((frame.weight / root.weight) * 100).toFixed(1)
  const label = `${frame.name} ${share} %`
  const hue = [...frame.name].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 60, 7)
  const shown = label.slice(0, Math.floor(width / 6.7))
  const text = shown.length > 3 ? `<text x="${(x + 2).toFixed(1)}" y="${level * ROW + 36}">${escaped(shown)}</text>` : ''
  rects.push(
    `<g><title>${escaped(label)}</title><rect x="${x.toFixed(1)}" y="${level * ROW + 24}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="hsl(${hue} 80% 72%)"/>${text}</g>`,
  )
  let deepest = level
  let at = x
  for (const child of frame.children.toSorted((one, other) => other.weight - one.weight)) {
    const childWidth = (child.weight / frame.weight) * width
    if (childWidth >= NARROWEST) deepest = Math.max(deepest, draw(child, at, level + 1, childWidth))
    at += childWidth
  }
  return deepest
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
