/**
 * Reads the data of an event stream from its text, as the text arrives: cut anywhere, with any of the three line ends. Comments and the other fields
 * are left out.
 */
export function eventData(onData: (data: string) => void): (text: string) => void {
  let rest = ''
  let data: string[] = []
  return (text) => {
    // A CR at the end of what has come may be the first half of a CRLF.
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const field = /^data(?:: ?|$)/.exec(line)
      if (field) data.push(line.slice(field[0].length))
      else if (line === '' && data.length > 0) {
        onData(data.join('\n'))
        data = []
      }
    }
  }
}
