// Makes the compared packages ready.
import { install } from '../shared/install.mjs';

install();
