// The program ends its process: it begins when it is asked to, not when Next looks at this route.
export default () => import('../../../../program/main');
