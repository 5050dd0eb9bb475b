using Muniment.Gateway.Llm.Json;

namespace Muniment.Gateway.Llm.Texts;

/// <summary>Takes elements out of arrays, with their commas.</summary>
internal static class JsonRemoval
{
    /// <summary>Takes out the elements that are picked.</summary>
    /// <returns>How many.</returns>
    public static int RemoveElements(JsonTape tape, int array, Func<int, bool> remove, JsonEdits edits)
    {
        int removed = 0;
        int previous = -1;
        bool keptBefore = false;
        for (int element = tape.FirstChild(array); element >= 0; element = tape.NextSibling(element))
        {
            if (!remove(element))
            {
                keptBefore = true;
            }
            else
            {
                int next = tape.NextSibling(element);
                int start = keptBefore ? tape[previous].End : tape[element].Start;
                int end = keptBefore || next < 0 ? tape[element].End : tape[next].Start;
                edits.Replace(start, end, default);
                removed++;
            }

            previous = element;
        }

        return removed;
    }

    /// <summary>Takes a member out of its object.</summary>
    public static void RemoveMember(JsonTape tape, int member, JsonEdits edits)
    {
        int next = tape.NextSibling(member);
        ref readonly JsonNode node = ref tape[member];
        if (next >= 0)
        {
            edits.Replace(node.NameStart - 1, tape[next].NameStart - 1, default);
            return;
        }

        int previous = -1;
        for (int sibling = tape.FirstChild(node.Parent); sibling != member; sibling = tape.NextSibling(sibling))
        {
            previous = sibling;
        }

        edits.Replace(previous < 0 ? node.NameStart - 1 : tape[previous].End, node.End, default);
    }
}
