import { it } from 'vitest';
import { profileKit } from './profile-kit.ts';
it('probe', async () => {
  for (const lines of [
    ['I want to create a profile', 'John Doe', '15/01/1990', 'why do you need it?', '14:30', 'New York, USA', 'no, my birthday is 16 January 1990', 'yes'],
    ["Hi, I'm Ada Lovelace, born on 10 December 1815 at 1 pm in London, UK", "yes"],
    ['hello','31/02/1990', "Ada Lovelace", '31/02/1990', 'soon', '3/4/1815', 'my name is Grace Hopper', 'no, my name is Grace Hopper', 'half past two', '2', 'London', '5', 'the one in Ontario', 'maybe', 'no', 'birth time', '09:15', 'change my birth place to Springfield, Illinois', "that's right"],
    ['hello', {name: 'Ada', birthDate: '1815-12-10', birthTime:'13:00', birthPlace:'Zurich', foo: 1}, 'cancel'],
  ]) {
    await using kit = await profileKit();
    const [first, ...rest] = lines;
    const show = (t: any) => console.log('<<', t.replies.map((r: any) => r.content).join('\n---\n'), t.step, t.status, t.error ?? '');
    console.log('>>', first); show(await kit.start(first as string));
    for (const line of rest) { console.log('>>', line); show(await kit.say(line as string)); }
    console.log(await kit.profiles(), await kit.state());
  }
}, 60000);
