using FsCheck;
using FsCheck.Fluent;
using Muniment.Events.Blocks;
using Muniment.Journal.Index;

namespace Muniment.Journal.Tests.Index;

public class IndexPageTests
{
    [Fact]
    public void What_is_packed_is_read_back()
    {
        Prop.ForAll<int>(seed =>
        {
            Random random = new(seed);
            SortedDictionary<ulong, int[]> terms = [];
            int count = random.Next(1, 2000);
            for (int i = 0; i < count; i++)
            {
                int max = random.Next(4) == 0 ? Posting.MaxBlocks : 64;
                SortedSet<int> blocks = [random.Next(max)];
                int more = random.Next(20) == 0 ? random.Next(6000) : random.Next(3);
                for (int b = 0; b < more; b++)
                {
                    blocks.Add(random.Next(max));
                }

                terms[(ulong)random.NextInt64(1L << 48)] = [.. blocks];
            }

            List<(long Fence, byte[] Page)> pages = [];
            IndexPageWriter writer = new((fence, page) => pages.Add((fence, page)));
            foreach ((ulong term, int[] blocks) in terms)
            {
                writer.Add(term, blocks);
            }

            writer.Flush();
            Assert.All(pages, page => Assert.InRange(page.Page.Length, 1, IndexPageWriter.MaxContentBytes));
            Assert.Equal(pages.Select(p => p.Fence).Order().Distinct(), pages.Select(p => p.Fence));
            SortedDictionary<ulong, List<int>> read = [];
            foreach ((long fence, byte[] page) in pages)
            {
                IndexPageReader reader = new(fence, page);
                List<int> blocks = [];
                bool first = true;
                while (reader.TryRead(out ulong term, blocks))
                {
                    if (first)
                    {
                        Assert.Equal((long)Posting.Of(term, blocks[0]), fence);
                        first = false;
                    }

                    if (!read.TryGetValue(term, out List<int>? all))
                    {
                        read[term] = all = [];
                    }

                    all.AddRange(blocks);
                }
            }

            Assert.Equal(terms.Keys, read.Keys);
            Assert.All(terms, pair => Assert.Equal(pair.Value, read[pair.Key]));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(25));
    }

    [Fact]
    public void A_page_cut_anywhere_ends_or_is_refused()
    {
        List<(long Fence, byte[] Page)> pages = [];
        IndexPageWriter writer = new((fence, page) => pages.Add((fence, page)));
        for (ulong term = 1; term < 200; term++)
        {
            writer.Add(term << 40, [1, 300, 9000]);
        }

        writer.Flush();
        (long Fence, byte[] Page) whole = Assert.Single(pages);
        for (int length = 0; length < whole.Page.Length; length++)
        {
            try
            {
                IndexPageReader reader = new(whole.Fence, whole.Page.AsSpan(0, length));
                List<int> blocks = [];
                while (reader.TryRead(out _, blocks))
                {
                }
            }
            catch (JournalCorruptException)
            {
            }
        }
    }

    [Fact]
    public void Blooms_know_what_was_put_in_and_little_else()
    {
        Random random = new(7);
        HashSet<ulong> words = [];
        while (words.Count < 5000)
        {
            words.Add((ulong)random.NextInt64());
        }

        byte[] bits = BloomFilter.Build([.. words], 4096);
        Assert.All(words, word => Assert.True(BloomFilter.MayContain(bits, word, 4096)));
        int wrong = Enumerable.Range(0, 20_000).Count(_ => BloomFilter.MayContain(bits, (ulong)random.NextInt64(), 4096));
        Assert.InRange(wrong, 0, 20_000 / 100);
        Assert.False(BloomFilter.MayContain(BloomFilter.Build([], 0), 42, 0));
    }

    [Fact]
    public void A_word_that_collides_in_one_block_does_not_collide_in_all()
    {
        Random random = new(11);
        HashSet<ulong> vocabulary = [];
        while (vocabulary.Count < 4000)
        {
            vocabulary.Add((ulong)random.NextInt64());
        }

        byte[][] blocks = [.. Enumerable.Range(0, 50).Select(block => BloomFilter.Build([.. vocabulary], block * 4096L))];
        int most = Enumerable.Range(0, 2000).Max(_ =>
        {
            ulong word = (ulong)random.NextInt64();
            return blocks.Select((bits, block) => BloomFilter.MayContain(bits, word, block * 4096L)).Count(found => found);
        });

        Assert.InRange(most, 0, 5);
    }
}
