// Plays the official SDKs against the gateway. Arguments: gateway URL, key of an agent. Prints one JSON object of what each call came to.
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';

const [url, key] = process.argv.slice(2);
const openai = new OpenAI({ apiKey: key, baseURL: `${url}/llm/oai/v1` });
const anthropic = new Anthropic({ apiKey: key, baseURL: `${url}/llm/ant` });
const messages = (text) => [{ role: 'user', content: text }];
const results = {};

async function run(name, body) {
  try {
    results[name] = await body();
  } catch (e) {
    results[name] = { error: e.constructor.name, status: e.status ?? null, code: e.code ?? e.error?.error?.code ?? null, type: e.type ?? e.error?.error?.type ?? null, request: e.requestID ?? null };
  }
}

const chatText = async (stream) => { let text = ''; for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? ''; return text; };
const mail = 'jane.roe' + '@' + 'contoso-bank.de';

await run('chat', async () => (await openai.chat.completions.create({ model: 'gpt-4o', messages: messages('to ' + mail) })).choices[0].message.content);
await run('chat_stream', async () => chatText(await openai.chat.completions.create({ model: 'gpt-4o', messages: messages('hi'), stream: true })));
await run('chat_helper', async () => { const s = openai.chat.completions.stream({ model: 'gpt-4o', messages: messages('hi') }); const m = (await s.finalChatCompletion()).choices[0].message; return m.content + '|' + m.tool_calls?.[0]?.function?.arguments; });
await run('responses', async () => (await openai.responses.create({ model: 'o3', input: 'hi' })).output_text);
await run('responses_stream', async () => { let text = ''; let done = ''; for await (const e of await openai.responses.create({ model: 'o3', input: 'hi', stream: true })) { if (e.type === 'response.output_text.delta') text += e.delta; if (e.type === 'response.completed') done = e.response.output.find((o) => o.type === 'message').content[0].text; } return text + '|' + done; });
await run('messages', async () => (await anthropic.messages.create({ model: 'claude-x', max_tokens: 9, messages: messages('hi') })).content.find((b) => b.type === 'text').text);
await run('messages_helper', async () => { const m = await anthropic.messages.stream({ model: 'claude-x', max_tokens: 9, messages: messages('hi') }).finalMessage(); return m.content.find((b) => b.type === 'text').text + '|' + JSON.stringify(m.content.find((b) => b.type === 'tool_use')?.input); });
await run('models', async () => (await openai.models.list()).data.map((m) => m.id).join(','));
await run('count', async () => (await anthropic.messages.countTokens({ model: 'claude-x', messages: messages('hi') })).input_tokens);
await run('denied_chat', () => openai.chat.completions.create({ model: 'forbidden-1', messages: messages('hi') }));
await run('denied_stream', () => openai.chat.completions.create({ model: 'forbidden-1', messages: messages('hi'), stream: true }));
await run('denied_messages', () => anthropic.messages.create({ model: 'forbidden-1', max_tokens: 9, messages: messages('hi') }));
await run('budget_chat', () => openai.chat.completions.create({ model: 'dear-1', messages: messages('hi') }));
await run('cut_chat', async () => chatText(await openai.chat.completions.create({ model: 'cut-1', messages: messages('hi'), stream: true })));
await run('cut_responses', async () => { for await (const e of await openai.responses.create({ model: 'cut-1', input: 'hi', stream: true })) void e; return 'ended'; });
await run('cut_messages', async () => { for await (const e of await anthropic.messages.create({ model: 'cut-1', max_tokens: 9, messages: messages('hi'), stream: true })) void e; return 'ended'; });
console.log(JSON.stringify(results));
