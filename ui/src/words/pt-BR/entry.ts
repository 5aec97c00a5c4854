/** Entrar em cada tipo de servidor. */
import type { Words } from '../en';

export const entry: Words['entry'] = {
  found: (kind, version) => (version ? `${kind} ${version} encontrado` : `${kind} encontrado`),
  looking: 'Procurando o servidor…',
  proof: 'Entrar com',
  proofs: { password: 'Senha', token: 'Token', nobody: 'Nada' },
  gotifyToken: 'Token do cliente',
  ntfyToken: 'Token de acesso',
  showToken: 'Mostrar token',
  hideToken: 'Ocultar token',
  tokenHint: 'Um que é seu. Ao sair, ele fica como está.',
  tokenMissing: 'Digite o seu token.',
  gotifyPasswordHint: 'Um cliente é criado; a senha não é guardada.',
  ntfyPasswordHint: 'Um token é criado; a senha não é guardada.',
  nobodyHint: 'Para tópicos que todos podem ler.',
  topics: 'Tópicos',
  topicsExample: 'alertas, backups',
  topicsHint: 'Com vírgulas ou espaços entre eles.',
  topicForbidden: (topic) => `Você não pode ler “${topic}” lá.`,
  topicRefused: (topic) => `“${topic}” não pode ser o nome de um tópico.`,
};
