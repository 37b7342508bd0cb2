export { AddAgent } from '../add-agent/add-agent.tsx';
export { AgentPage } from '../agent/agent-page.tsx';
export { AgentsPage } from '../agents/agents-page.tsx';
