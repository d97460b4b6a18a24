#!/usr/bin/env node
// The part of curl that the README uses, for machines that have none.
const words = process.argv.slice(2);
const headers = {};
let url = '';
let body;
while (words.length) {
  const word = words.shift();
  if (word === '-s') continue;
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
const answer = await fetch(url, { headers, body, method: body === undefined ? 'GET' : 'POST' });
process.stdout.write(await answer.text());
