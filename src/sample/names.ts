/** People of one office: where it is, and what people there are called. */
export interface Office {
  readonly city: string;
  readonly country: string;
  /** ISO 3166-1 alpha-2 */
  readonly location: string;
  readonly language: string;
  readonly people: number;
  readonly givenNames: readonly string[];
  readonly surnames: readonly string[];
}

/** Contoso's offices: 239 people. */
export const OFFICES: readonly Office[] = [
  office(
    'Seattle',
    'United States',
    'US',
    'en-US',
    60,
  )(
    'Ava Liam Noah Emma Grace Ethan Chloe Mason Harper Logan',
    'Adams Bennett Carter Diaz Edwards Foster Griffin Hayes',
  ),
  office(
    'London',
    'United Kingdom',
    'GB',
    'en-GB',
    25,
  )('Oliver Amelia Harry Isla George Freya Arthur Imogen', 'Ashworth Barker Clarke Davies Ellis Fairfax'),
  office(
    'München',
    'Germany',
    'DE',
    'de-DE',
    25,
  )('Jürgen Anke Matthias Käthe Lukas Sabine Björn Ulrike', 'Müller Schäfer Weiß Köhler Vogel Groß'),
  office(
    'Lyon',
    'France',
    'FR',
    'fr-FR',
    20,
  )('Zoë Théo Chloé Étienne Léa Hugo Anaïs Noël', 'Lefèvre Moreau Dubois Garnier Béranger'),
  office(
    'Bengaluru',
    'India',
    'IN',
    'en-IN',
    20,
  )('Aarav Diya Vihaan Ananya Arjun Kavya Rohan Meera', 'Sharma Iyer Reddy Banerjee Chaudhary'),
  office('Madrid', 'Spain', 'ES', 'es-ES', 15)('Íñigo Lucía Álvaro Begoña Sergio Nuria', 'García Muñoz Peña Fernández'),
  office('Tokyo', 'Japan', 'JP', 'ja-JP', 15)('Haruto Yui Sota Aoi Ren Hina', 'Tanaka Suzuki Yamamoto Kobayashi'),
  office(
    'São Paulo',
    'Brazil',
    'BR',
    'pt-BR',
    15,
  )('João Beatriz Tiago Luíza Rafael Júlia', 'Silva Araújo Conceição Magalhães'),
  office(
    'Kraków',
    'Poland',
    'PL',
    'pl-PL',
    12,
  )('Łukasz Zofia Michał Agnieszka Paweł', 'Wiśniewski Dąbrowski Wójcik Żak'),
  office('Göteborg', 'Sweden', 'SE', 'sv-SE', 8)('Åsa Göran Linnéa Sören', 'Lindqvist Åkesson Öberg'),
  office('İstanbul', 'Türkiye', 'TR', 'tr-TR', 8)('Özlem Çağrı Işıl Emre', 'Yılmaz Şahin Öztürk'),
  office('Lagos', 'Nigeria', 'NG', 'en-NG', 8)('Chinedu Amaka Tunde Ngozi', 'Okafor Adeyemi Eze'),
  office('Hà Nội', 'Vietnam', 'VN', 'vi-VN', 8)('Linh Đức Hương Tuấn', 'Nguyễn Trần Đặng'),
];

/** Who is invited from elsewhere: a name, and the domain of the own organisation. */
export const GUESTS: readonly (readonly [givenName: string, surname: string, domain: string])[] = [
  ['Ana', 'Costa', 'fabrikam.example'],
  ['Dmitri', 'Volkov', 'fabrikam.example'],
  ['Siobhán', 'O’Neill', 'fabrikam.example'],
  ['Kwame', 'Mensah', 'adatum.example'],
  ['Mei', 'Chen', 'adatum.example'],
  ['Zsófia', 'Nagy', 'northwind.example'],
  ['Pieter', 'van der Berg', 'northwind.example'],
  ['Fatima', 'El Amrani', 'tailspin.example'],
  ['Jae-won', 'Kim', 'tailspin.example'],
  ['Aroha', 'Ngata', 'tailspin.example'],
];

const SPELLED: Readonly<Record<string, string>> = { ß: 'ss', ø: 'o', ł: 'l', Ł: 'L', ı: 'i', đ: 'd', Đ: 'D' };

/** A name as it stands in an address: Łukasz Wójcik is lukasz.wojcik. */
export function addressName(givenName: string, surname: string): string {
  return `${givenName}.${surname}`
    .replaceAll(/[ßøłŁıđĐ]/g, (letter) => SPELLED[letter]!)
    .normalize('NFD')
    .replaceAll(/[^A-Za-z.-]/g, '')
    .toLowerCase();
}

function office(city: string, country: string, location: string, language: string, people: number) {
  return (givenNames: string, surnames: string): Office => ({
    city,
    country,
    location,
    language,
    people,
    givenNames: givenNames.split(' '),
    surnames: surnames.split(' '),
  });
}
