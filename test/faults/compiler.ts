import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Compiles a library to be preloaded; Debian's gcc is installed when it is missing, which needs root. */
export async function compileLibrary(source: string, library: string): Promise<void> {
  const compile = () =>
    run('gcc', ['-shared', '-fPIC', '-O1', '-Wall', '-Werror', '-o', library, source, '-ldl']);
  try {
    await compile();
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    await run('apt-get', ['update'], quiet);
    const packages = ['gcc', 'libc6-dev'];
    await run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], quiet);
    await compile();
  }
}
