import { openEmbedded } from '../../../src/ontology/embedded/open-embedded.ts';
import { storeConformance } from '../../conformance/store.ts';

storeConformance('embedded Oxigraph', () => openEmbedded({}));
