export { mcpServer, type McpOptions } from './mcp-server.ts';
