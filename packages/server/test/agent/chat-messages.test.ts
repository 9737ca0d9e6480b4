import type { ContentPart, Message } from '@throughline/sdk/protocol'
import { expect, test } from 'vitest'
import { chatMessages } from '../../src/agent/chat-messages.ts'

const NOTHING = { context: [] }

function toolCall(id: string, args = '{}') {
  return { id, type: 'function' as const, function: { name: 'weather', arguments: args } }
}

function user(...content: readonly ContentPart[]): Message[] {
  return [{ id: 'u1', role: 'user', content: [...content] }]
}

function partOf(part: ContentPart): unknown {
  const [message] = chatMessages(user(part), NOTHING)
  return Array.isArray(message?.content) ? message.content[0] : undefined
}

test('a conversation keeps its order and its texts', () => {
  const messages: Message[] = [
    { id: '1', role: 'system', content: 'Be kind.' },
    { id: '2', role: 'developer', content: 'Be brief.' },
    { id: '3', role: 'user', content: 'Hi' },
    { id: '4', role: 'assistant', content: 'Hello' },
    { id: '5', role: 'user', content: 'Bye' },
  ]
  expect(chatMessages(messages, NOTHING)).toEqual([
    { role: 'system', content: 'Be kind.' },
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello' },
    { role: 'user', content: 'Bye' },
  ])
})

test('instructions and context come first, and nothing comes where there are none', () => {
  const context = [{ description: 'Place', value: 'Rome' }]
  expect(chatMessages([], { instructions: 'Be brief.', context })).toEqual([{ role: 'system', content: 'Be brief.\n\nPlace:\nRome' }])
  expect(chatMessages([], NOTHING)).toEqual([])
})

test('reasoning, activities and assistant messages without words stay out', () => {
  const messages: Message[] = [
    { id: '1', role: 'reasoning', content: 'Hm' },
    { id: '2', role: 'activity', activityType: 'a', content: {} },
    { id: '3', role: 'assistant' },
  ]
  expect(chatMessages(messages, NOTHING)).toEqual([])
})

test('results stand directly after their calls, in the order of the calls, wherever they came', () => {
  const messages: Message[] = [
    { id: '1', role: 'assistant', content: 'Let me see.', toolCalls: [toolCall('a'), toolCall('b')] },
    { id: '2', role: 'tool', toolCallId: 'b', content: 'rain' },
    { id: '3', role: 'assistant', content: 'One moment.' },
    {
      id: '4',
      role: 'tool',
      toolCallId: 'a',
      content: [
        { type: 'text', text: 'sun' },
        { type: 'image', source: { type: 'url', value: 'x' } },
      ],
    },
  ]
  expect(chatMessages(messages, NOTHING)).toEqual([
    { role: 'assistant', content: 'Let me see.', tool_calls: [toolCall('a'), toolCall('b')] },
    { role: 'tool', tool_call_id: 'a', content: 'sun\n[image left out: this endpoint takes none of its kind]' },
    { role: 'tool', tool_call_id: 'b', content: 'rain' },
    { role: 'assistant', content: 'One moment.' },
  ])
})

test('a call without a result is noted as not answered, and arguments that were cut off become an empty object', () => {
  const messages: Message[] = [{ id: '1', role: 'assistant', toolCalls: [toolCall('a', '{"pla')] }]
  expect(chatMessages(messages, NOTHING)).toEqual([
    { role: 'assistant', content: null, tool_calls: [toolCall('a', '{}')] },
    { role: 'tool', tool_call_id: 'a', content: expect.stringMatching(/^Not answered/) as string },
  ])
})

test('a result without its call stays out, since providers refuse it', () => {
  expect(chatMessages([{ id: '1', role: 'tool', toolCallId: 'a', content: 'rain' }], NOTHING)).toEqual([])
})

test.each<[string, ContentPart, unknown]>([
  ['text', { type: 'text', text: 'Hi' }, { type: 'text', text: 'Hi' }],
  [
    'an image by its address',
    { type: 'image', source: { type: 'url', value: 'https://e.com/a.png' } },
    { type: 'image_url', image_url: { url: 'https://e.com/a.png' } },
  ],
  [
    'an image inline',
    { type: 'image', source: { type: 'data', value: 'QQ==', mimeType: 'image/png' } },
    { type: 'image_url', image_url: { url: 'data:image/png;base64,QQ==' } },
  ],
  [
    'sound',
    { type: 'audio', source: { type: 'data', value: 'QQ==', mimeType: 'audio/mpeg' } },
    { type: 'input_audio', input_audio: { data: 'QQ==', format: 'mp3' } },
  ],
  [
    'a document inline',
    { type: 'document', id: 'plan.pdf', source: { type: 'data', value: 'QQ==', mimeType: 'application/pdf' } },
    { type: 'file', file: { file_data: 'data:application/pdf;base64,QQ==', filename: 'plan.pdf' } },
  ],
  [
    'a document at the provider',
    { type: 'document', source: { type: 'file', provider: 'openai', value: 'file-1' } },
    { type: 'file', file: { file_id: 'file-1' } },
  ],
])('%s goes to the model as chat endpoints want it', (_, part, expected) => {
  expect(partOf(part)).toEqual(expected)
})

test.each<[string, ContentPart]>([
  ['video', { type: 'video', source: { type: 'url', value: 'https://e.com/a.mp4' } }],
  ['audio', { type: 'audio', source: { type: 'url', value: 'https://e.com/a.mp3' } }],
  ['audio', { type: 'audio', source: { type: 'data', value: 'QQ==', mimeType: 'audio/ogg' } }],
  ['image', { type: 'image', source: { type: 'file', value: 'f1' } }],
  ['document', { type: 'document', source: { type: 'file', provider: 'else', value: 'f1' } }],
])('%s that chat endpoints do not take is named, so that the model knows of it', (kind, part) => {
  expect(partOf(part)).toEqual({ type: 'text', text: `[${kind} left out: this endpoint takes none of its kind]` })
})
