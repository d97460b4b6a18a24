import { describeConversations } from '../../conformance/conversations.ts';
import { describeStorage } from '../../conformance/conversations-storage.ts';
import { openSqliteConversations } from '../../support/sqlite-conversations.ts';

describeStorage('sqlite', openSqliteConversations);
describeConversations('sqlite', openSqliteConversations);
