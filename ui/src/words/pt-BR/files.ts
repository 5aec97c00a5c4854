/** Arquivos que vêm com as notificações. */
import type { Words } from '../en';

export const files: Words['files'] = {
  label: 'Arquivo',
  from: (site) => `Um arquivo de ${site}`,
  download: 'Baixar',
  downloadOf: (name) => `Baixar ${name}`,
  until: (time) => `até ${time}`,
  gone: 'não está mais lá',
};
