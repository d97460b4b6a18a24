#!/usr/bin/env node
// The part of curl that the README and the guides use, for machines that have none.
import { readFileSync, writeFileSync } from 'node:fs';

const words = process.argv.slice(2);
const headers = {};
let url = '';
let method;
let body;
let output;
while (words.length) {
  const word = words.shift();
  if (word === '-s') continue;
  else if (word === '-X') method = words.shift();
  else if (word === '-T') body = readFileSync(words.shift());
  else if (word === '-o') output = words.shift();
  else if (word === '-H') {
    const [name, ...value] = words.shift().split(':');
    headers[name.trim()] = value.join(':').trim();
  } else if (word === '--json') {
    headers['content-type'] = 'application/json';
    body = words.shift();
  } else if (word === '--data-urlencode') {
    const [key, ...value] = words.shift().split('=');
    body = new URLSearchParams({ [key]: value.join('=') });
  } else url = word.includes('://') ? word : `http://${word}`;
}
method ??= body === undefined ? 'GET' : 'POST';
const answer = await fetch(url, { headers, body, method });
if (output === undefined) process.stdout.write(await answer.text());
else writeFileSync(output, await answer.text());
